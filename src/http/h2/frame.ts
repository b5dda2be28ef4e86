/** RFC 9113 §3.4: what a client sends before its first frame. */
export const CLIENT_PREFACE: Buffer = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");

export const FRAME_HEADER_BYTES = 9;

/** RFC 9113 §4.2: the largest payload before any SETTINGS_MAX_FRAME_SIZE, and the least that one may say. */
export const DEFAULT_MAX_FRAME_BYTES = 16_384;

/** RFC 9113 §6. Other types exist, and must be let through or ignored (§4.1). */
export const FrameType = {
  data: 0,
  headers: 1,
  priority: 2,
  rstStream: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

/** RFC 9113 §6. One bit has two names: ACK where the type is SETTINGS or PING. */
export const FrameFlag = {
  endStream: 0x1,
  ack: 0x1,
  endHeaders: 0x4,
  padded: 0x8,
  priority: 0x20,
} as const;

/**
 * A frame as it came, whole. `bytes[start, end)` is all of it, `bytes[payloadStart, end)` what its length counts.
 * The object is used again for the next frame. The bytes are those of the chunk, and valid as long as it is, or a copy.
 */
export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly streamId: number;
  readonly bytes: Buffer;
  readonly start: number;
  readonly payloadStart: number;
  readonly end: number;
}

/**
 * Some of a DATA frame, as it came. All pieces in a row are the frame; `bytes[dataStart, dataEnd)` is what of this piece
 * is content: neither header nor padding. Used again, as {@link Frame} is.
 */
export interface DataPiece {
  readonly streamId: number;
  readonly flags: number;
  /** The length of the whole frame's payload, which is what flow control counts (RFC 9113 §6.9.1). */
  readonly payloadBytes: number;
  readonly isFirst: boolean;
  readonly isLast: boolean;
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  readonly dataStart: number;
  readonly dataEnd: number;
}

/** Who takes what a {@link FrameDecoder} finds. What it throws goes through, and stops the decoder. */
export interface FrameSink {
  /** A frame that is not DATA. */
  readonly onFrame: (frame: Frame) => void;
  readonly onData: (piece: DataPiece) => void;
}
