/** The error codes of RFC 9113 §7, as they stand in RST_STREAM and GOAWAY. */
export const RfcErrorCode = {
  noError: 0x0,
  protocolError: 0x1,
  internalError: 0x2,
  flowControlError: 0x3,
  settingsTimeout: 0x4,
  streamClosed: 0x5,
  frameSizeError: 0x6,
  refusedStream: 0x7,
  cancel: 0x8,
  compressionError: 0x9,
  connectError: 0xa,
  enhanceYourCalm: 0xb,
  inadequateSecurity: 0xc,
  http11Required: 0xd,
} as const;

/** One of the registered error codes. A peer may send others: treat those as `internalError` (RFC 9113 §7). */
export type RfcErrorCode = (typeof RfcErrorCode)[keyof typeof RfcErrorCode];
