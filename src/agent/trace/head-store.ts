/** The largest head that is kept whole: what Node, nginx and Apache take by default is smaller. */
export const MAX_KEPT_HEAD_BYTES = 16 * 1024;
const STORE_BYTES = 4 * 1024 * 1024;

/**
 * Heads of HTTP/1.1 as they came, the latest 4 MB of them, in one ring of bytes: keeping one is a copy, and nothing for the
 * collector to follow. Memory is taken from the system as it is used.
 */
export class HeadStore {
  readonly #bytes: Buffer;
  /** All that was ever kept, with what was left empty at the ring's end. */
  #written = 0;

  constructor(storeBytes = STORE_BYTES) {
    this.#bytes = Buffer.allocUnsafeSlow(storeBytes);
  }

  /** Keeps a head, or the first 16 KB of it; gives its place. One character of `text` is one byte. */
  keep(text: string): number {
    const kept = text.length > MAX_KEPT_HEAD_BYTES ? text.slice(0, MAX_KEPT_HEAD_BYTES) : text;
    const { length } = this.#bytes;
    let at = this.#written % length;
    if (at + kept.length > length) {
      this.#written += length - at;
      at = 0;
    }
    const place = this.#written;
    this.#bytes.write(kept, at, kept.length, "latin1");
    this.#written += kept.length;
    return place;
  }

  /** Whether what was kept there has not been written over. */
  has(place: number): boolean {
    return this.#written - place <= this.#bytes.length;
  }

  /** What was kept there, as text. */
  read(place: number, bytes: number): string {
    const at = place % this.#bytes.length;
    return this.#bytes.toString("latin1", at, at + Math.min(bytes, MAX_KEPT_HEAD_BYTES));
  }
}
