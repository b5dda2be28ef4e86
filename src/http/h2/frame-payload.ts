import { Http2Error } from "./errors.ts";
import type { Frame } from "./frame.ts";

/** The error code of RST_STREAM; it may be one that no RFC names. */
export function readRstStream(frame: Frame): number {
  return frame.bytes.readUInt32BE(frame.payloadStart);
}

/**
 * The increment of WINDOW_UPDATE.
 * @throws Http2Error `window-increment` for 0, of the stream it is on (RFC 9113 §6.9).
 */
export function readWindowUpdate(frame: Frame): number {
  const increment = frame.bytes.readUInt32BE(frame.payloadStart) & 0x7fffffff;
  if (increment === 0)
    throw new Http2Error("window-increment", "WINDOW_UPDATE by 0", { streamId: frame.streamId });
  return increment;
}

/** What GOAWAY says; `code` may be one that no RFC names. */
export function readGoaway(frame: Frame): { lastStreamId: number; code: number; debugData: Buffer } {
  return {
    lastStreamId: frame.bytes.readUInt32BE(frame.payloadStart) & 0x7fffffff,
    code: frame.bytes.readUInt32BE(frame.payloadStart + 4),
    debugData: frame.bytes.subarray(frame.payloadStart + 8, frame.end),
  };
}

/** The eight bytes of PING. A view: copy it to keep it without its chunk. */
export function readPing(frame: Frame): Buffer {
  return frame.bytes.subarray(frame.payloadStart, frame.end);
}

/**
 * Checks a PRIORITY that is swallowed. What it asks for is not taken up: RFC 9113 §5.3.2.
 * @throws Http2Error `frame-size`, `self-dependency`, of its stream.
 */
export function checkPriority(frame: Frame): void {
  const { streamId } = frame;
  const bytes = frame.end - frame.payloadStart;
  if (bytes !== 5) throw new Http2Error("frame-size", `PRIORITY with ${bytes} bytes`, { streamId });
  if ((frame.bytes.readUInt32BE(frame.payloadStart) & 0x7fffffff) === streamId)
    throw new Http2Error("self-dependency", "a stream that depends on itself", { streamId });
}
