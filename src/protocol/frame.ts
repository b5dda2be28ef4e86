import {
  MAX_DATA_BYTES,
  MAX_HEAD_BYTES,
  MAX_MESSAGE_BYTES,
  MAX_OPEN_BYTES,
  MAX_TEXT_BYTES,
  PING_BYTES,
} from "./limits.ts";

/**
 * The vocabulary of the tunnel. Every frame has one header of eight bytes, numbers in network order:
 *
 * ```
 *  0               1               2               3
 *  0 1 2 3 4 5 6 7 0 1 2 3 4 5 6 7 0 1 2 3 4 5 6 7 0 1 2 3 4 5 6 7
 * +---------------+-----------------------------------------------+
 * |     type      |                payload length                 |
 * +---------------+-----------------------------------------------+
 * |                           stream id                           |
 * +---------------------------------------------------------------+
 * |                  payload (0 … length bytes)                   …
 * +---------------------------------------------------------------+
 *
 * type     stream  payload
 * message  0       JSON in UTF-8: one control message
 * ping     0       8 opaque bytes            pong     0   the same 8 bytes
 * goaway   0       u8 code, UTF-8 text       no more streams may be opened towards the sender
 * open     id      opening payload           the stream exists from here on
 * head     id      structured message, in order with data
 * data     id      1 … 16384 bytes, counted against the receiver's credit
 * end      id      empty                     the sender has said all; the other direction goes on (half-close)
 * reset    id      u8 code, UTF-8 text       both directions are over; the last frame of the stream from this sender
 * credit   id      u32 bytes                 the reader has consumed, the peer may send as much again
 * ```
 *
 * Ids of streams opened by the client are odd, of those opened by the agent even; each end counts upwards and never
 * uses an id twice.
 */
export const FrameType = {
  message: 1,
  ping: 2,
  pong: 3,
  goaway: 4,
  open: 5,
  head: 6,
  data: 7,
  end: 8,
  reset: 9,
  credit: 10,
} as const;
export type FrameType = (typeof FrameType)[keyof typeof FrameType];

/** Bytes before the payload of every frame. */
export const FRAME_HEADER_BYTES = 8;

/** What the header alone must satisfy, so that a bad length is refused before anything is allocated for it. */
export interface FrameShape {
  readonly name: string;
  readonly minBytes: number;
  readonly maxBytes: number;
  /** Whether the frame belongs to a stream (id not 0) or to the session (id 0). */
  readonly onStream: boolean;
}

const shapes: readonly (FrameShape | undefined)[] = [
  undefined,
  { name: "message", minBytes: 2, maxBytes: MAX_MESSAGE_BYTES, onStream: false },
  { name: "ping", minBytes: PING_BYTES, maxBytes: PING_BYTES, onStream: false },
  { name: "pong", minBytes: PING_BYTES, maxBytes: PING_BYTES, onStream: false },
  { name: "goaway", minBytes: 1, maxBytes: 1 + MAX_TEXT_BYTES, onStream: false },
  { name: "open", minBytes: 0, maxBytes: MAX_OPEN_BYTES, onStream: true },
  { name: "head", minBytes: 0, maxBytes: MAX_HEAD_BYTES, onStream: true },
  { name: "data", minBytes: 1, maxBytes: MAX_DATA_BYTES, onStream: true },
  { name: "end", minBytes: 0, maxBytes: 0, onStream: true },
  { name: "reset", minBytes: 1, maxBytes: 1 + MAX_TEXT_BYTES, onStream: true },
  { name: "credit", minBytes: 4, maxBytes: 4, onStream: true },
];

/** The shape of a frame type, or undefined for a number that is none. */
export function frameShape(type: number): FrameShape | undefined {
  return shapes[type];
}
