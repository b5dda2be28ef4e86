/** Client ids in one page: 2,048 odd ids, 256 bytes. Small, since a page may be made for a single stolen stream. */
const PAGE_IDS = 2_048;
/** 64 KB a connection, half a million streams. */
const MAX_PAGES = 256;

/**
 * Remembers which streams of a connection were stolen, after they ended too: until the client opens a higher one that is
 * forwarded, a stolen id is idle for the original, and one late frame on it ends the whole connection (RFC 9113 §5.1).
 *
 * A bit for each id that a client may open, in pages that are made when one of theirs is stolen: where every second
 * stream is stolen, a list of ranges would need 32 times as much. At most `MAX_PAGES` pages stay, whatever ids a client
 * chooses; those of the lowest are forgotten. A stream that is still under way is known elsewhere, and a frame that comes
 * half a million streams late is its sender's fault.
 */
export class StolenStreamIds {
  readonly #pages = new Map<number, Uint32Array>();

  /** What is held, in bytes. */
  get heldBytes(): number {
    return this.#pages.size * (PAGE_IDS / 8);
  }

  /** `streamId` must be one of a client: odd, below 2^31. */
  add(streamId: number): void {
    const bit = streamId >>> 1;
    const key = Math.floor(bit / PAGE_IDS);
    let page = this.#pages.get(key);
    if (page === undefined) {
      page = new Uint32Array(PAGE_IDS / 32);
      this.#pages.set(key, page);
      if (this.#pages.size > MAX_PAGES) this.#forgetLowest();
    }
    const word = (bit % PAGE_IDS) >>> 5;
    page[word] = (page[word] as number) | (1 << (bit & 31)); // Below the page's end.
  }

  /** The stream was given to the original after all. */
  remove(streamId: number): void {
    const bit = streamId >>> 1;
    const page = this.#pages.get(Math.floor(bit / PAGE_IDS));
    const word = (bit % PAGE_IDS) >>> 5;
    if (page !== undefined) page[word] = (page[word] as number) & ~(1 << (bit & 31)); // As above.
  }

  has(streamId: number): boolean {
    if (streamId % 2 === 0) return false;
    const bit = streamId >>> 1;
    const page = this.#pages.get(Math.floor(bit / PAGE_IDS));
    if (page === undefined) return false;
    return ((page[(bit % PAGE_IDS) >>> 5] as number) & (1 << (bit & 31))) !== 0; // As above.
  }

  #forgetLowest(): void {
    this.#pages.delete(Math.min(...this.#pages.keys()));
  }
}
