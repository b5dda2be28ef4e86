import type { DecodedBlock } from "./decoded-block.ts";
import { comesAgain } from "./field-list-note.ts";

/** Blocks of one connection that are kept; a power of two. */
const SLOTS = 16;
/** A longer block is not looked for: bounds what is kept, and what a block that is not there costs. */
const MAX_BLOCK_BYTES = 256;
/** A few bytes can refer to much, and what is read from a list is kept with it. Counted as in RFC 9113 §6.5.2. */
const MAX_LIST_BYTES = 4_096;

interface Kept {
  readonly block: DecodedBlock;
  /** The state of the table that it was decoded with. */
  readonly insertedCount: number;
  readonly count: number;
}

/** What a block means depends on the table. Entries leave in the order they came in, so these two tell which are there. */
export interface TableState {
  readonly insertedCount: number;
  readonly count: number;
}

/**
 * Header blocks that came before, byte for byte, while the table was as it is now: they mean the same again. Once a
 * client's fields are in the table it sends the same few blocks over and over.
 *
 * A block is kept when it comes for the second time; at most 16 of 256 bytes, with fields of 4 KB.
 */
export class BlockCache {
  readonly #kept: (Kept | undefined)[] = Array.from({ length: SLOTS });
  /** The hash of the block that came last and was not there, for each slot. */
  readonly #missed = new Int32Array(SLOTS);
  /** Of what was looked for last. */
  #hash = 0;

  /** Gives the block that `bytes[from, to)` was before, or undefined. */
  find(bytes: Buffer, from: number, to: number, table: TableState): DecodedBlock | undefined {
    if (to - from > MAX_BLOCK_BYTES) return undefined;
    this.#hash = hashOf(bytes, from, to);
    const kept = this.#kept[this.#hash & (SLOTS - 1)];
    if (kept === undefined || kept.insertedCount !== table.insertedCount || kept.count !== table.count)
      return undefined;
    return isSame(kept.block.bytes, bytes, from, to) ? kept.block : undefined;
  }

  /**
   * Takes a block that was just looked for and not there, and that changed nothing in the table. Gives the block itself,
   * or one with bytes of its own that is kept from now on.
   */
  offer(block: DecodedBlock, table: TableState): DecodedBlock {
    if (block.bytes.length > MAX_BLOCK_BYTES || block.listBytes > MAX_LIST_BYTES) return block;
    const slot = this.#hash & (SLOTS - 1);
    if (this.#missed[slot] !== this.#hash) {
      this.#missed[slot] = this.#hash;
      return block;
    }
    const own = { ...block, bytes: Buffer.from(block.bytes) };
    comesAgain(own.fields);
    this.#kept[slot] = { block: own, insertedCount: table.insertedCount, count: table.count };
    return own;
  }
}

/** FNV-1a. Whoever finds two blocks of one hash gains nothing: the bytes are compared. */
function hashOf(bytes: Buffer, from: number, to: number): number {
  let hash = 0x811c9dc5;
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193); // Below the end.
  return hash ^ (hash >>> 15);
}

function isSame(kept: Buffer, bytes: Buffer, from: number, to: number): boolean {
  if (kept.length !== to - from) return false;
  for (let at = 0; at < kept.length; at++) if (kept[at] !== bytes[from + at]) return false;
  return true;
}
