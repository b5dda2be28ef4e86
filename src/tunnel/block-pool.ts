import { MAX_DATA_BYTES } from "../protocol/index.ts";

/** So many blocks are kept for the next time, 4 MB: what a bulk stream or two have under way. */
const MAX_SPARE_BLOCKS = 256;
/** Blocks are cut from pieces of this size: memory outside of V8's heap is dear to make and to collect. */
const PIECE_BYTES = 16 * MAX_DATA_BYTES;

/** Memory in blocks of one DATA frame, used again and again. */
export class BlockPool {
  readonly #spare: Buffer[] = [];

  /** A block, whose bytes are anything. */
  take(): Buffer {
    return this.#spare.pop() ?? this.#cut();
  }

  /** Nobody reads it any more. */
  give(block: Buffer): void {
    if (this.#spare.length < MAX_SPARE_BLOCKS) this.#spare.push(block);
  }

  #cut(): Buffer {
    const piece = Buffer.allocUnsafeSlow(PIECE_BYTES);
    for (let at = MAX_DATA_BYTES; at < PIECE_BYTES; at += MAX_DATA_BYTES)
      this.#spare.push(piece.subarray(at, at + MAX_DATA_BYTES));
    return piece.subarray(0, MAX_DATA_BYTES);
  }
}
