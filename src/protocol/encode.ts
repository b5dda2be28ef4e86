import { ProtocolError } from "./errors.ts";
import { FRAME_HEADER_BYTES, type FrameType, frameShape } from "./frame.ts";

/**
 * Writes the header of a frame at an offset and gives the offset behind it.
 * The caller has checked the payload's length with `checkPayloadLength`, and that the target has room.
 */
export function writeFrameHeader(
  target: Buffer,
  offset: number,
  frame: { type: FrameType; streamId: number; payloadBytes: number },
): number {
  const { type, streamId, payloadBytes } = frame;
  target[offset] = type;
  target[offset + 1] = payloadBytes >>> 16;
  target[offset + 2] = payloadBytes >>> 8;
  target[offset + 3] = payloadBytes;
  target[offset + 4] = streamId >>> 24;
  target[offset + 5] = streamId >>> 16;
  target[offset + 6] = streamId >>> 8;
  target[offset + 7] = streamId;
  return offset + FRAME_HEADER_BYTES;
}

/** @throws ProtocolError `too-large` when a payload of this length must not be sent in this type. */
export function checkPayloadLength(type: FrameType, payloadBytes: number): void {
  const shape = frameShape(type);
  if (shape === undefined || payloadBytes < shape.minBytes || payloadBytes > shape.maxBytes)
    throw new ProtocolError("too-large", `a ${shape?.name ?? type} frame cannot hold ${payloadBytes} bytes`);
}

/**
 * One frame in a buffer of its own: for the rare frames; streams write theirs into a batch.
 * @throws ProtocolError `too-large`
 */
export function encodeFrame(type: FrameType, streamId: number, payload: Uint8Array): Buffer {
  checkPayloadLength(type, payload.length);
  const frame = Buffer.allocUnsafe(FRAME_HEADER_BYTES + payload.length);
  writeFrameHeader(frame, 0, { type, streamId, payloadBytes: payload.length });
  frame.set(payload, FRAME_HEADER_BYTES);
  return frame;
}
