import { ProtocolError } from "./errors.ts";
import { FRAME_HEADER_BYTES, type FrameType, frameShape } from "./frame.ts";

/** Who takes the frames. The payload may be kept: it is never written to again. */
export type FrameSink = (type: FrameType, streamId: number, payload: Buffer) => void;

const EMPTY = Buffer.alloc(0);

/**
 * Cuts frames out of a byte stream, whatever pieces it comes in.
 *
 * A frame that lies whole in one chunk is given as a view of it, without a copy. A cut one is gathered in a buffer of
 * exactly its length, allocated only after the header was found good. After an error, or `stop()`, nothing more is given.
 */
export class FrameDecoder {
  readonly #sink: FrameSink;
  readonly #header = Buffer.alloc(FRAME_HEADER_BYTES);
  #headerBytes = 0;
  #payload: Buffer | undefined;
  #payloadBytes = 0;
  #type: FrameType = 1;
  #length = 0;
  #streamId = 0;
  #stopped = false;

  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  /** No frame is given any more, not even of the chunk that is being read. */
  stop(): void {
    this.#stopped = true;
    this.#payload = undefined;
  }

  /**
   * Reads a chunk and gives each frame that it completes.
   * @throws ProtocolError `bad-frame`; the decoder is stopped then.
   */
  push(chunk: Buffer): void {
    let at = this.#payload !== undefined || this.#headerBytes > 0 ? this.#resume(chunk) : 0;
    while (at < chunk.length && !this.#stopped) {
      const left = chunk.length - at;
      if (left < FRAME_HEADER_BYTES) {
        this.#headerBytes = chunk.copy(this.#header, 0, at);
        return;
      }
      this.#readHeader(chunk, at);
      at += FRAME_HEADER_BYTES;
      if (chunk.length - at < this.#length) {
        this.#payload = Buffer.allocUnsafe(this.#length);
        this.#payloadBytes = chunk.copy(this.#payload, 0, at);
        return;
      }
      const end = at + this.#length;
      this.#sink(this.#type, this.#streamId, this.#length === 0 ? EMPTY : chunk.subarray(at, end));
      at = end;
    }
  }

  /** Goes on with a frame that an earlier chunk began; gives the offset behind what was taken. */
  #resume(chunk: Buffer): number {
    let at = 0;
    if (this.#payload === undefined) {
      at = chunk.copy(this.#header, this.#headerBytes, 0, FRAME_HEADER_BYTES - this.#headerBytes);
      this.#headerBytes += at;
      if (this.#headerBytes < FRAME_HEADER_BYTES) return at;
      this.#headerBytes = 0;
      this.#readHeader(this.#header, 0);
      this.#payload = this.#length === 0 ? EMPTY : Buffer.allocUnsafe(this.#length);
      this.#payloadBytes = 0;
    }
    const payload = this.#payload;
    const taken = chunk.copy(payload, this.#payloadBytes, at);
    this.#payloadBytes += taken;
    if (this.#payloadBytes === payload.length) {
      this.#payload = undefined;
      if (!this.#stopped) this.#sink(this.#type, this.#streamId, payload);
    }
    return at + taken;
  }

  #readHeader(from: Buffer, at: number): void {
    const type = from[at] as number; // The caller has checked that eight bytes are there, here and below.
    const length =
      ((from[at + 1] as number) << 16) | ((from[at + 2] as number) << 8) | (from[at + 3] as number);
    const streamId = from.readUInt32BE(at + 4);
    const shape = frameShape(type);
    if (shape === undefined) this.#fail(`frame type ${type} does not exist`);
    if (length < shape.minBytes || length > shape.maxBytes)
      this.#fail(`a ${shape.name} frame of ${length} bytes`);
    if (shape.onStream !== (streamId !== 0)) this.#fail(`a ${shape.name} frame on stream ${streamId}`);
    this.#type = type as FrameType; // It has a shape, so it is one.
    this.#length = length;
    this.#streamId = streamId;
  }

  #fail(text: string): never {
    this.stop();
    throw new ProtocolError("bad-frame", text);
  }
}
