import { Http2Error } from "./errors.ts";
import { FrameFlag, FrameType } from "./frame.ts";

/**
 * Refuses what no frame's header may say, before anything is kept of the frame: lengths of RFC 9113 §6 and whether there
 * is a stream. A PRIORITY of another length ends its stream only, so it passes here (§6.3).
 * @throws Http2Error `frame-size`, `frame-stream`, always of the connection.
 */
export function checkFrameShape(frame: {
  readonly type: number;
  readonly flags: number;
  readonly streamId: number;
  readonly length: number;
}): void {
  const { type, flags, streamId, length } = frame;
  switch (type) {
    case FrameType.data:
    case FrameType.headers:
    case FrameType.continuation:
    case FrameType.pushPromise: {
      needStream(streamId !== 0, type);
      let least = type === FrameType.pushPromise ? 4 : 0;
      if (type !== FrameType.continuation && (flags & FrameFlag.padded) !== 0) least += 1;
      if (type === FrameType.headers && (flags & FrameFlag.priority) !== 0) least += 5;
      return needLength(length >= least, type, length);
    }
    case FrameType.priority:
      return needStream(streamId !== 0, type);
    case FrameType.rstStream:
      needStream(streamId !== 0, type);
      return needLength(length === 4, type, length);
    case FrameType.settings:
      needStream(streamId === 0, type);
      return needLength((flags & FrameFlag.ack) === 0 ? length % 6 === 0 : length === 0, type, length);
    case FrameType.ping:
      needStream(streamId === 0, type);
      return needLength(length === 8, type, length);
    case FrameType.goaway:
      needStream(streamId === 0, type);
      return needLength(length >= 8, type, length);
    case FrameType.windowUpdate:
      return needLength(length === 4, type, length);
    default:
  }
}

function needStream(holds: boolean, type: number): void {
  if (!holds) throw new Http2Error("frame-stream", `frame type ${type} on a stream it cannot be on`);
}

function needLength(holds: boolean, type: number, length: number): void {
  if (!holds) throw new Http2Error("frame-size", `frame type ${type} with ${length} bytes`);
}
