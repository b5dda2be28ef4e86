import { DEFAULT_MAX_FRAME_BYTES, FRAME_HEADER_BYTES, FrameFlag, FrameType } from "./frame.ts";
import type { RfcErrorCode } from "./rfc-error-code.ts";
import type { Setting } from "./settings.ts";

/** What a frame's first nine bytes say (RFC 9113 §4.1). */
export interface FrameHeader {
  readonly type: number;
  readonly flags: number;
  readonly streamId: number;
  readonly length: number;
}

/** Writes a header at `at`; gives the offset behind it. */
export function writeFrameHeader(into: Buffer, at: number, header: FrameHeader): number {
  into.writeUIntBE(header.length, at, 3);
  into[at + 3] = header.type;
  into[at + 4] = header.flags;
  return into.writeUInt32BE(header.streamId, at + 5);
}

function frame(header: FrameHeader): Buffer {
  const bytes = Buffer.allocUnsafe(FRAME_HEADER_BYTES + header.length);
  writeFrameHeader(bytes, 0, header);
  return bytes;
}

/**
 * HEADERS, or PUSH_PROMISE, and the CONTINUATIONs it needs, as one buffer: nothing may be written between them
 * (RFC 9113 §6.10). Without padding and priority.
 */
export function headersFrames(options: {
  readonly streamId: number;
  readonly block: Buffer;
  readonly endStream?: boolean;
  /** Makes it a PUSH_PROMISE. */
  readonly promisedStreamId?: number;
  readonly maxFrameBytes?: number;
}): Buffer {
  const { streamId, block, promisedStreamId } = options;
  const max = options.maxFrameBytes ?? DEFAULT_MAX_FRAME_BYTES;
  const prefixBytes = promisedStreamId === undefined ? 0 : 4;
  const continuations = Math.max(0, Math.ceil((block.length + prefixBytes - max) / max));
  const bytes = Buffer.allocUnsafe(FRAME_HEADER_BYTES * (1 + continuations) + prefixBytes + block.length);
  let at = 0;
  let from = 0;
  for (let count = 0; count <= continuations; count++) {
    const isFirst = count === 0;
    const fragment = Math.min(block.length - from, max - (isFirst ? prefixBytes : 0));
    let flags = count === continuations ? FrameFlag.endHeaders : 0;
    if (isFirst && options.endStream === true) flags |= FrameFlag.endStream;
    const opening = promisedStreamId === undefined ? FrameType.headers : FrameType.pushPromise;
    const type = isFirst ? opening : FrameType.continuation;
    at = writeFrameHeader(bytes, at, {
      type,
      flags,
      streamId,
      length: fragment + (isFirst ? prefixBytes : 0),
    });
    if (isFirst && promisedStreamId !== undefined) at = bytes.writeUInt32BE(promisedStreamId, at);
    at += block.copy(bytes, at, from, from + fragment);
    from += fragment;
  }
  return bytes;
}

/** The header of a DATA frame; its `length` bytes must be written right behind it. */
export function dataFrameHeader(options: {
  readonly streamId: number;
  readonly length: number;
  readonly endStream: boolean;
}): Buffer {
  const bytes = Buffer.allocUnsafe(FRAME_HEADER_BYTES);
  const flags = options.endStream ? FrameFlag.endStream : 0;
  writeFrameHeader(bytes, 0, {
    type: FrameType.data,
    flags,
    streamId: options.streamId,
    length: options.length,
  });
  return bytes;
}

/** RFC 9113 §6.4. */
export function rstStreamFrame(streamId: number, code: RfcErrorCode): Buffer {
  const bytes = frame({ type: FrameType.rstStream, flags: 0, streamId, length: 4 });
  bytes.writeUInt32BE(code, FRAME_HEADER_BYTES);
  return bytes;
}

/** RFC 9113 §6.9; `streamId` 0 is the connection's window. The increment must be from 1 to 2^31 - 1. */
export function windowUpdateFrame(streamId: number, incrementBytes: number): Buffer {
  const bytes = frame({ type: FrameType.windowUpdate, flags: 0, streamId, length: 4 });
  bytes.writeUInt32BE(incrementBytes, FRAME_HEADER_BYTES);
  return bytes;
}

/** RFC 9113 §6.5. */
export function settingsFrame(settings: readonly Setting[]): Buffer {
  const bytes = frame({ type: FrameType.settings, flags: 0, streamId: 0, length: settings.length * 6 });
  let at = FRAME_HEADER_BYTES;
  for (const { id, value } of settings) {
    at = bytes.writeUInt16BE(id, at);
    at = bytes.writeUInt32BE(value, at);
  }
  return bytes;
}

/** RFC 9113 §6.5.3. */
export function settingsAckFrame(): Buffer {
  return frame({ type: FrameType.settings, flags: FrameFlag.ack, streamId: 0, length: 0 });
}

/** RFC 9113 §6.7; `payload` has eight bytes, an answer those of the question. */
export function pingFrame(payload: Uint8Array, options: { readonly ack: boolean }): Buffer {
  const bytes = frame({
    type: FrameType.ping,
    flags: options.ack ? FrameFlag.ack : 0,
    streamId: 0,
    length: 8,
  });
  bytes.set(payload.subarray(0, 8), FRAME_HEADER_BYTES);
  return bytes;
}

/** RFC 9113 §6.8. `debugData` is shown to whoever runs the peer: never put a value of a request into it. */
export function goawayFrame(options: {
  readonly lastStreamId: number;
  readonly code: RfcErrorCode;
  readonly debugData?: string;
}): Buffer {
  const debugData = Buffer.from(options.debugData ?? "", "utf8");
  const bytes = frame({ type: FrameType.goaway, flags: 0, streamId: 0, length: 8 + debugData.length });
  bytes.writeUInt32BE(options.lastStreamId, FRAME_HEADER_BYTES);
  bytes.writeUInt32BE(options.code, FRAME_HEADER_BYTES + 4);
  debugData.copy(bytes, FRAME_HEADER_BYTES + 8);
  return bytes;
}
