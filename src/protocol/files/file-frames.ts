import { ProtocolError } from "../errors.ts";
import type { ByteWriter } from "./byte-writer.ts";
import { MAX_FILE_FRAME_BYTES } from "./file-question.ts";

/**
 * A stream of `files` is frames, either way: the length of what follows (32 bits), an id (32 bits), and then
 *
 * - of a question: what is asked (8 bits, `file-ask.ts`), of a handle its number (32 bits), of a path its bytes, and the rest;
 * - of an answer: the errno's name behind its length (8 bits), nothing when it went well, and then what was asked for.
 *
 * Numbers are little-endian. Questions are answered in any order. The first thing that the agent says is a HEAD,
 * `FilesWelcome`.
 */
export function beginFileFrame(to: ByteWriter, id: number): void {
  to.u32(0);
  to.u32(id);
}

/** The whole frame. @throws ProtocolError `too-large` */
export function endFileFrame(to: ByteWriter): Buffer {
  const length = to.length - LENGTH_BYTES;
  if (length > MAX_FILE_FRAME_BYTES) throw new ProtocolError("too-large", "a frame about files is too large");
  to.setU32(0, length);
  return to.written();
}

const LENGTH_BYTES = 4;
/** An id and one byte. */
const MIN_FRAME_BYTES = 5;

/**
 * Cuts what comes in on a stream of `files` into frames, without their lengths. Takes any split of the input; holds at most
 * one frame.
 */
export class FileFrameReader {
  readonly #onFrame: (frame: Buffer) => void;
  readonly #length = Buffer.alloc(LENGTH_BYTES);
  #lengthBytes = 0;
  /** What the frame under way will be, and how much of it is there. */
  #frame: Buffer | undefined;
  #frameBytes = 0;

  /** Frames are given with a memory of their own. */
  constructor(onFrame: (frame: Buffer) => void) {
    this.#onFrame = onFrame;
  }

  /** @throws ProtocolError `bad-frame` for a length that no frame has */
  push(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#frame === undefined) {
        const taken = Math.min(LENGTH_BYTES - this.#lengthBytes, chunk.length - at);
        this.#length.set(chunk.subarray(at, at + taken), this.#lengthBytes);
        this.#lengthBytes += taken;
        at += taken;
        if (this.#lengthBytes < LENGTH_BYTES) return;
        this.#begin(this.#length.readUInt32LE(0));
        continue;
      }
      const taken = Math.min(this.#frame.length - this.#frameBytes, chunk.length - at);
      this.#frame.set(chunk.subarray(at, at + taken), this.#frameBytes);
      this.#frameBytes += taken;
      at += taken;
      if (this.#frameBytes === this.#frame.length) this.#finish(this.#frame);
    }
  }

  #begin(length: number): void {
    if (length < MIN_FRAME_BYTES || length > MAX_FILE_FRAME_BYTES)
      throw new ProtocolError("bad-frame", `no frame about files has ${length} bytes`);
    this.#frame = Buffer.allocUnsafeSlow(length);
    this.#frameBytes = 0;
  }

  #finish(frame: Buffer): void {
    this.#frame = undefined;
    this.#lengthBytes = 0;
    this.#onFrame(frame);
  }
}
