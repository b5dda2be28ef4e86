import { FRAME_HEADER_BYTES, type FrameType, writeFrameHeader } from "../protocol/index.ts";

// A slab serves several batches, so that a small one costs no allocation; it holds one full batch. It is never written
// twice: the carrier, and with a memory carrier the reader, may keep what it was given.
const SLAB_BYTES = 64 * 1024;

/**
 * Gathers frames into one piece of memory, to be sent at once.
 *
 * The payload is copied: a carrier's message costs more than a copy of the 16 KB a frame holds at most, and the writer's
 * buffer is free as soon as its frame was gathered.
 */
export class FrameBatch {
  readonly #send: (batch: Buffer) => void;
  #slab = Buffer.alloc(0);
  #startAt = 0;
  #endAt = 0;

  constructor(send: (batch: Buffer) => void) {
    this.#send = send;
  }

  /** Gathered and not sent. */
  get bytes(): number {
    return this.#endAt - this.#startAt;
  }

  /** Adds a frame whose payload's length is allowed for its type. Sends what was gathered when the slab is full. */
  add(type: FrameType, streamId: number, payload: Uint8Array): void {
    const payloadBytes = payload.length;
    const frameBytes = FRAME_HEADER_BYTES + payloadBytes;
    if (this.#endAt + frameBytes > this.#slab.length) this.#takeSlab(frameBytes);
    const at = writeFrameHeader(this.#slab, this.#endAt, { type, streamId, payloadBytes });
    if (payloadBytes > 0) this.#slab.set(payload, at);
    this.#endAt = at + payloadBytes;
  }

  /** Sends what was gathered, if there is something. */
  flush(): void {
    if (this.bytes === 0) return;
    const batch = this.#slab.subarray(this.#startAt, this.#endAt);
    this.#startAt = this.#endAt;
    this.#send(batch);
  }

  #takeSlab(frameBytes: number): void {
    this.flush();
    this.#slab = Buffer.allocUnsafeSlow(Math.max(SLAB_BYTES, frameBytes));
    this.#startAt = 0;
    this.#endAt = 0;
  }
}
