import { RfcErrorCode } from "./rfc-error-code.ts";

/**
 * What a peer did against HTTP/2 or HPACK. Always the peer's fault, never worth a retry on the same connection.
 *
 * | code                        | RFC 9113 §7 code    | what it broke                                            |
 * |-----------------------------|---------------------|----------------------------------------------------------|
 * | `hpack-truncated`           | COMPRESSION_ERROR   | RFC 7541 §5: a block ends inside a representation        |
 * | `hpack-integer-overflow`    | COMPRESSION_ERROR   | RFC 7541 §5.1: an integer beyond 2^31 - 1                |
 * | `hpack-huffman-padding`     | COMPRESSION_ERROR   | RFC 7541 §5.2: padding of 8 bits, or not all ones        |
 * | `hpack-huffman-eos`         | COMPRESSION_ERROR   | RFC 7541 §5.2: the end symbol inside a string            |
 * | `hpack-index-zero`          | COMPRESSION_ERROR   | RFC 7541 §6.1: index 0                                   |
 * | `hpack-index-range`         | COMPRESSION_ERROR   | RFC 7541 §2.3.3: an index beyond both tables             |
 * | `hpack-size-update-late`    | COMPRESSION_ERROR   | RFC 7541 §4.2: a size update behind a field              |
 * | `hpack-size-update-large`   | COMPRESSION_ERROR   | RFC 7541 §6.3: a size above what the settings allow      |
 * | `hpack-size-update-missing` | COMPRESSION_ERROR   | RFC 9113 §4.3.1: no update after the limit was lowered   |
 * | `bad-preface`               | PROTOCOL_ERROR      | RFC 9113 §3.4                                            |
 * | `frame-size`                | FRAME_SIZE_ERROR    | RFC 9113 §4.2: too long, or a length the type cannot have |
 * | `frame-stream`              | PROTOCOL_ERROR      | RFC 9113 §6: stream 0 where one is needed, or the reverse |
 * | `frame-padding`             | PROTOCOL_ERROR      | RFC 9113 §6.1: more padding than payload                 |
 * | `continuation-expected`     | PROTOCOL_ERROR      | RFC 9113 §6.2: another frame inside a header block       |
 * | `continuation-unexpected`   | PROTOCOL_ERROR      | RFC 9113 §6.10: CONTINUATION without a header block      |
 * | `continuation-flood`        | ENHANCE_YOUR_CALM   | our limits: too many frames or bytes in one header block |
 * | `stream-id`                 | PROTOCOL_ERROR      | RFC 9113 §5.1.1: even, or not above the ones before      |
 * | `idle-stream`               | PROTOCOL_ERROR      | RFC 9113 §5.1: a frame on a stream that was never opened |
 * | `self-dependency`           | PROTOCOL_ERROR      | RFC 7540 §5.3.1: a stream that depends on itself         |
 * | `settings-value`            | PROTOCOL_ERROR      | RFC 9113 §6.5.2, RFC 8441 §3: a value out of its range   |
 * | `settings-window`           | FLOW_CONTROL_ERROR  | RFC 9113 §6.5.2: an initial window above 2^31 - 1        |
 * | `window-increment`          | PROTOCOL_ERROR      | RFC 9113 §6.9: WINDOW_UPDATE by 0                        |
 * | `window-overflow`           | FLOW_CONTROL_ERROR  | RFC 9113 §6.9.1: a window above 2^31 - 1                 |
 * | `window-exceeded`           | FLOW_CONTROL_ERROR  | RFC 9113 §6.9: more DATA than was granted                |
 * | `flood`                     | ENHANCE_YOUR_CALM   | our limits: see `FloodGuard`                             |
 */
const rfcCodes = {
  "hpack-truncated": RfcErrorCode.compressionError,
  "hpack-integer-overflow": RfcErrorCode.compressionError,
  "hpack-huffman-padding": RfcErrorCode.compressionError,
  "hpack-huffman-eos": RfcErrorCode.compressionError,
  "hpack-index-zero": RfcErrorCode.compressionError,
  "hpack-index-range": RfcErrorCode.compressionError,
  "hpack-size-update-late": RfcErrorCode.compressionError,
  "hpack-size-update-large": RfcErrorCode.compressionError,
  "hpack-size-update-missing": RfcErrorCode.compressionError,
  "bad-preface": RfcErrorCode.protocolError,
  "frame-size": RfcErrorCode.frameSizeError,
  "frame-stream": RfcErrorCode.protocolError,
  "frame-padding": RfcErrorCode.protocolError,
  "continuation-expected": RfcErrorCode.protocolError,
  "continuation-unexpected": RfcErrorCode.protocolError,
  "continuation-flood": RfcErrorCode.enhanceYourCalm,
  "stream-id": RfcErrorCode.protocolError,
  "idle-stream": RfcErrorCode.protocolError,
  "self-dependency": RfcErrorCode.protocolError,
  "settings-value": RfcErrorCode.protocolError,
  "settings-window": RfcErrorCode.flowControlError,
  "window-increment": RfcErrorCode.protocolError,
  "window-overflow": RfcErrorCode.flowControlError,
  "window-exceeded": RfcErrorCode.flowControlError,
  flood: RfcErrorCode.enhanceYourCalm,
} as const satisfies Record<string, RfcErrorCode>;

/** See the table above. */
export type Http2ErrorCode = keyof typeof rfcCodes;

/**
 * A breach of HTTP/2. Decide on `code`; the text names positions and sizes, never values.
 * `streamId` 0 ends the connection (GOAWAY with `rfcCode`), any other only that stream (RST_STREAM).
 */
export class Http2Error extends Error {
  override readonly name = "Http2Error";
  readonly code: Http2ErrorCode;
  readonly rfcCode: RfcErrorCode;
  readonly streamId: number;

  constructor(code: Http2ErrorCode, message: string, options?: ErrorOptions & { streamId?: number }) {
    super(message, options);
    this.code = code;
    this.rfcCode = rfcCodes[code];
    this.streamId = options?.streamId ?? 0;
  }
}
