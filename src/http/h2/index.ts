export { ClientStreamIds } from "./client-stream-ids.ts";
export { Http2Error, type Http2ErrorCode } from "./errors.ts";
export { FLOOD_RATES, FloodGuard, type FloodKind } from "./flood-guard.ts";
export { CONNECTION_WINDOW_BYTES, FlowWindow, MAX_WINDOW_BYTES } from "./flow-window.ts";
export {
  CLIENT_PREFACE,
  type DataPiece,
  DEFAULT_MAX_FRAME_BYTES,
  FRAME_HEADER_BYTES,
  type Frame,
  FrameFlag,
  type FrameSink,
  FrameType,
} from "./frame.ts";
export { FrameDecoder } from "./frame-decoder.ts";
export { checkPriority, readGoaway, readPing, readRstStream, readWindowUpdate } from "./frame-payload.ts";
export {
  dataFrameHeader,
  type FrameHeader,
  goawayFrame,
  headersFrames,
  pingFrame,
  rstStreamFrame,
  settingsAckFrame,
  settingsFrame,
  windowUpdateFrame,
  writeFrameHeader,
} from "./frame-writer.ts";
export {
  http2Fields,
  http2RequestFields,
  http2ResponseFields,
  http2UpgradeFields,
  http2WebSocketFields,
  takesTrailers,
} from "./from-http1.ts";
export { type HeaderBlock, HeaderBlockAssembler, type HeaderBlockLimits } from "./header-block-assembler.ts";
export { InjectionLedger } from "./injection-ledger.ts";
export {
  MAX_CONTINUATIONS,
  MAX_GATHERED_FRAME_BYTES,
  MAX_HEADER_BLOCK_BYTES,
  MAX_HEADER_LIST_BYTES,
  MAX_SETTINGS_PER_FRAME,
  MAX_TABLE_BYTES,
} from "./limits.ts";
export type { Malformed, MalformedFields } from "./malformed.ts";
export { Http2RequestHead, readRequestHead } from "./request-head.ts";
export { type Http2ResponseHead, readResponseHead } from "./response-head.ts";
export { RfcErrorCode } from "./rfc-error-code.ts";
export { readServerPreface } from "./server-preface.ts";
export {
  applySettings,
  type Http2Settings,
  INITIAL_SETTINGS,
  readSettings,
  type Setting,
  SettingId,
} from "./settings.ts";
export { StolenStreamIds } from "./stolen-stream-ids.ts";
export { type Rate, TokenBucket } from "./token-bucket.ts";
export { readTrailers } from "./trailers.ts";
export { peekStatus } from "./peek-status.ts";
export { http1FieldLines, http1RequestHead, http1ResponseHead, http1UpgradeHead } from "./to-http1.ts";
