import type { FieldEntry } from "./field-entry.ts";

/** A power of two, as all lengths of the ring. */
const MIN_RING_ENTRIES = 64;

/**
 * A dynamic table (RFC 7541 §2.3.2, §4): a ring of entries, the newest at index 1 here.
 *
 * Every insertion has a number, from 1 on; an entry is still there while fewer entries than the table holds came after
 * it. The ring grows with the entries that are really there, at most `maxBytes / 32`.
 */
export class DynamicTable {
  #ring: (FieldEntry | undefined)[] = [];
  /** The ring's length less one; -1 before the first entry: many tables never have one. */
  #mask = -1;
  #count = 0;
  #insertedCount = 0;
  #sizeBytes = 0;
  #maxBytes: number;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** How many entries are there. */
  get count(): number {
    return this.#count;
  }

  /** The number of the newest insertion; entries that were too large to stay are counted too. */
  get insertedCount(): number {
    return this.#insertedCount;
  }

  /** The size of all entries as RFC 7541 §4.1 counts it. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** The maximum size that was last set, by a size update or by lowered settings. */
  get maxBytes(): number {
    return this.#maxBytes;
  }

  /** The entry at a dynamic index, from 1. */
  at(index: number): FieldEntry | undefined {
    if (index < 1 || index > this.#count) return undefined;
    return this.#ring[(this.#insertedCount - index + 1) & this.#mask];
  }

  /** The dynamic index of an insertion number, from 1; 0 when it was evicted, or is 0 itself. */
  indexOf(number: number): number {
    const index = this.#insertedCount - number + 1;
    return number > 0 && index <= this.#count ? index : 0;
  }

  /** Puts an entry in, evicting what no longer fits, all of them if it is too large itself (RFC 7541 §4.4). Gives its number. */
  insert(entry: FieldEntry): number {
    this.#evictTo(this.#maxBytes - entry.sizeBytes);
    const number = ++this.#insertedCount;
    if (entry.sizeBytes > this.#maxBytes) return number;
    if (this.#count > this.#mask) this.#grow();
    this.#ring[number & this.#mask] = entry;
    this.#count++;
    this.#sizeBytes += entry.sizeBytes;
    return number;
  }

  /** Sets the maximum size and evicts what no longer fits (RFC 7541 §4.3). */
  resize(maxBytes: number): void {
    this.#maxBytes = maxBytes;
    this.#evictTo(maxBytes);
  }

  #evictTo(bytes: number): void {
    while (this.#sizeBytes > bytes && this.#count > 0) {
      const slot = (this.#insertedCount - this.#count + 1) & this.#mask;
      this.#sizeBytes -= this.#ring[slot]?.sizeBytes ?? 0;
      this.#ring[slot] = undefined;
      this.#count--;
    }
  }

  #grow(): void {
    const size = Math.max(MIN_RING_ENTRIES, this.#ring.length * 2);
    const ring: (FieldEntry | undefined)[] = Array.from({ length: size });
    for (let number = this.#insertedCount - this.#count; number < this.#insertedCount; number++)
      ring[number & (size - 1)] = this.#ring[number & this.#mask];
    this.#ring = ring;
    this.#mask = size - 1;
  }
}
