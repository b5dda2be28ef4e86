import { FRAME_HEADER_BYTES, type FrameType, writeFrameHeader } from "../protocol/index.ts";

// A slab serves several batches, so that a small one costs no allocation; it holds one full batch.
const SLAB_BYTES = 64 * 1024;
/** As many as a carrier holds that waits for acknowledgements, which come for each MB, and what is under way besides. */
const MAX_SPARE_SLABS = 24;

/** Memory that is written from front to end. */
interface Slab {
  readonly memory: Buffer;
  /** Where the batch begins that is being gathered, and where it ends by now. */
  startAt: number;
  endAt: number;
  /** Batches of it that the carrier may still read. */
  underWay: number;
  /** The carrier is done with one batch of it. */
  readonly release: () => void;
}

/**
 * Gathers frames into one piece of memory, to be sent at once.
 *
 * The payload is copied: a carrier's message costs more than a copy of the 16 KB a frame holds at most, and the writer's
 * buffer is free as soon as its frame was gathered.
 *
 * Memory is written again only when the carrier has said that it is done with all of it, which is when the peer has it where
 * a session may be resumed. New memory for each batch would
 * be paid twice: V8 answers so many outside its heap with full collections, half of a bulk stream's time (2026-11-23,
 * `npm run bench:tunnel`, perf record).
 */
export class FrameBatch {
  readonly #send: (batch: Buffer, onSent: () => void) => void;
  readonly #spare: Slab[] = [];
  #slab = this.#makeSlab(0);

  constructor(send: (batch: Buffer, onSent: () => void) => void) {
    this.#send = send;
  }

  /** Gathered and not sent. */
  get bytes(): number {
    return this.#slab.endAt - this.#slab.startAt;
  }

  /** Adds a frame whose payload's length is allowed for its type. Sends what was gathered when the slab is full. */
  add(type: FrameType, streamId: number, payload: Uint8Array): void {
    const payloadBytes = payload.length;
    const frameBytes = FRAME_HEADER_BYTES + payloadBytes;
    if (this.#slab.endAt + frameBytes > this.#slab.memory.length) this.#takeSlab(frameBytes);
    const slab = this.#slab;
    const at = writeFrameHeader(slab.memory, slab.endAt, { type, streamId, payloadBytes });
    if (payloadBytes > 0) slab.memory.set(payload, at);
    slab.endAt = at + payloadBytes;
  }

  /** Sends what was gathered, if there is something. */
  flush(): void {
    if (this.bytes === 0) return;
    const slab = this.#slab;
    const batch = slab.memory.subarray(slab.startAt, slab.endAt);
    slab.startAt = slab.endAt;
    slab.underWay += 1;
    this.#send(batch, slab.release);
  }

  #takeSlab(frameBytes: number): void {
    this.flush();
    const spare = frameBytes <= SLAB_BYTES ? this.#spare.pop() : undefined;
    this.#slab = spare ?? this.#makeSlab(Math.max(SLAB_BYTES, frameBytes));
  }

  #makeSlab(bytes: number): Slab {
    const slab: Slab = {
      memory: Buffer.allocUnsafeSlow(bytes),
      startAt: 0,
      endAt: 0,
      underWay: 0,
      release: () => this.#release(slab),
    };
    return slab;
  }

  #release(slab: Slab): void {
    slab.underWay -= 1;
    if (slab.underWay > 0) return;
    if (slab !== this.#slab) {
      slab.startAt = 0;
      slab.endAt = 0;
      if (slab.memory.length === SLAB_BYTES && this.#spare.length < MAX_SPARE_SLABS) this.#spare.push(slab);
    } else if (this.bytes === 0) {
      // What was written last is still in the processor's cache.
      slab.startAt = 0;
      slab.endAt = 0;
    }
  }
}
