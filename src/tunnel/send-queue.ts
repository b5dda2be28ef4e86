import { FrameType, MAX_DATA_BYTES } from "../protocol/index.ts";
import type { BlockPool } from "./block-pool.ts";
import type { SendCredit } from "./flow-control.ts";
import { Slab } from "./slab.ts";
import type { FrameBatch } from "./frame-batch.ts";

/** One thing that a stream has still to say; of data, what is left of it. */
interface Pending {
  readonly type: FrameType;
  payload: Uint8Array;
  /** Where the payload lies, when that memory is the pool's. */
  readonly block: Buffer | undefined;
}

const NOTHING = new Uint8Array(0);
const COMPACT_AT = 64;
/** Of less a copy of its own is made: a stream that is stopped would keep a whole block for it. */
const MIN_BLOCK_BYTES = 4 * 1024;

/**
 * What one stream has still to say, in the order in which it was said: opening, heads, data and end.
 * Its bound is kept by the stream; here the bytes are counted.
 */
export class SendQueue {
  #pending: (Pending | undefined)[] = [];
  readonly #slab = new Slab();
  #at = 0;
  #dataBytes = 0;
  #headBytes = 0;
  #isEnded = false;
  readonly #pool: BlockPool;

  constructor(pool: BlockPool) {
    this.#pool = pool;
  }

  /** Data that waits. */
  get dataBytes(): number {
    return this.#dataBytes;
  }

  /** All that waits. */
  get bytes(): number {
    return this.#dataBytes + this.#headBytes;
  }

  /** Whether the end was added: nothing may follow it. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  addHead(type: typeof FrameType.open | typeof FrameType.head, payload: Uint8Array): void {
    this.#headBytes += payload.length;
    this.#pending.push({ type, payload, block: undefined });
  }

  addData(payload: Uint8Array): void {
    this.#dataBytes += payload.length;
    const last = this.#pending.at(-1);
    const joined = last?.type === FrameType.data ? this.#slab.join(last.payload, payload) : undefined;
    if (last === undefined || joined === undefined)
      this.#pending.push({ type: FrameType.data, payload, block: undefined });
    else last.payload = joined;
  }

  /** Adds a copy of bytes that the caller will change. */
  addCopy(bytes: Uint8Array): void {
    if (bytes.length < MIN_BLOCK_BYTES) return this.addData(Buffer.from(bytes));
    this.#dataBytes += bytes.length;
    for (let at = 0; at < bytes.length; at += MAX_DATA_BYTES) {
      const block = this.#pool.take();
      const part = bytes.subarray(at, at + MAX_DATA_BYTES);
      block.set(part);
      this.#pending.push({ type: FrameType.data, payload: block.subarray(0, part.length), block });
    }
  }

  addEnd(): void {
    this.#pending.push({ type: FrameType.end, payload: NOTHING, block: undefined });
    this.#isEnded = true;
  }

  clear(): void {
    for (const pending of this.#pending) if (pending?.block !== undefined) this.#pool.give(pending.block);
    this.#pending = [];
    this.#at = 0;
    this.#dataBytes = 0;
    this.#headBytes = 0;
  }

  /** Whether a turn would send something. */
  isReady(credit: SendCredit): boolean {
    const next = this.#pending[this.#at];
    return next !== undefined && (next.type !== FrameType.data || credit.bytes > 0);
  }

  /** Puts one frame into the batch and gives its type; undefined when nothing may go. */
  takeTurn(streamId: number, credit: SendCredit, batch: FrameBatch): FrameType | undefined {
    const next = this.#pending[this.#at];
    if (next === undefined) return undefined;
    const { type, payload } = next;
    if (type !== FrameType.data) {
      batch.add(type, streamId, payload);
      this.#headBytes -= payload.length;
      this.#shift();
      return type;
    }
    const bytes = Math.min(payload.length, MAX_DATA_BYTES, credit.bytes);
    if (bytes === 0) return undefined;
    credit.spend(bytes);
    this.#dataBytes -= bytes;
    if (bytes === payload.length) {
      batch.add(type, streamId, payload);
      this.#shift();
    } else {
      batch.add(type, streamId, payload.subarray(0, bytes));
      next.payload = payload.subarray(bytes);
    }
    return type;
  }

  #shift(): void {
    const block = this.#pending[this.#at]?.block;
    if (block !== undefined) this.#pool.give(block); // A batch has its own copy.
    this.#pending[this.#at] = undefined; // What was sent is free now, not when the queue runs empty.
    this.#at += 1;
    if (this.#at === this.#pending.length) {
      this.#pending.length = 0;
      this.#at = 0;
    } else if (this.#at === COMPACT_AT) {
      this.#pending.splice(0, COMPACT_AT); // A queue that never runs empty must not grow for ever.
      this.#at = 0;
    }
  }
}
