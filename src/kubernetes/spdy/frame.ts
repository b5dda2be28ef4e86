/** Frames of SPDY/3.1 (draft-mbelshe-httpbis-spdy-00 §2.2), as far as a client of the Kubernetes API needs them. */
export const frameHeadBytes = 8;

/** Types of control frames. */
export const controlType = { synStream: 1, synReply: 2, reset: 3, settings: 4, ping: 6, goaway: 7 } as const;

export const flagFin = 1;

/** What is read of a frame before its payload. */
export type FrameHead =
  | { readonly kind: "data"; readonly stream: number; readonly isLast: boolean; readonly length: number }
  | { readonly kind: "control"; readonly type: number; readonly isLast: boolean; readonly length: number };

/** Reads the eight bytes before a payload. @throws Error when they are of another version */
export function readFrameHead(bytes: Buffer): FrameHead {
  const first = bytes.readUInt32BE(0);
  const length = bytes.readUIntBE(5, 3);
  const isLast = (bytes.readUInt8(4) & flagFin) !== 0;
  if (first >>> 31 === 0) return { kind: "data", stream: first, isLast, length };
  const version = (first >>> 16) & 0x7fff;
  if (version !== 3) throw new Error(`a frame of SPDY version ${version}`);
  return { kind: "control", type: first & 0xffff, isLast, length };
}

export function dataHead(stream: number, length: number, isLast: boolean): Buffer {
  const head = Buffer.alloc(frameHeadBytes);
  head.writeUInt32BE(stream, 0);
  head.writeUInt32BE(length, 4);
  head.writeUInt8(isLast ? flagFin : 0, 4);
  return head;
}

export function controlFrame(type: number, payload: Buffer, flags = 0): Buffer {
  const head = Buffer.alloc(frameHeadBytes);
  head.writeUInt32BE((0x8003_0000 | type) >>> 0, 0);
  head.writeUInt32BE(payload.length, 4);
  head.writeUInt8(flags, 4);
  return Buffer.concat([head, payload]);
}

/** Opens a stream; `block` is its compressed headers (§2.6.1). */
export function synStream(stream: number, block: Buffer): Buffer {
  const head = Buffer.alloc(10);
  head.writeUInt32BE(stream, 0);
  return controlFrame(controlType.synStream, Buffer.concat([head, block]));
}
