/** Up to here pieces are copied together: one system call costs more than the copy. */
const MAX_COPIED_BYTES = 64 * 1024;

/** Puts the pieces of one turn together, so that they leave in one write. */
export class GatheredWrites {
  readonly #send: (bytes: Buffer, from: number, to: number) => void;
  #pieces: Buffer[] = [];
  #bytes = 0;

  constructor(send: (bytes: Buffer, from: number, to: number) => void) {
    this.#send = send;
  }

  /** The piece must stay as it is until {@link flush}. */
  add(piece: Buffer): void {
    if (piece.length === 0) return;
    if (this.#bytes + piece.length > MAX_COPIED_BYTES) this.flush();
    this.#pieces.push(piece);
    this.#bytes += piece.length;
  }

  flush(): void {
    const pieces = this.#pieces;
    const [first] = pieces;
    if (first === undefined) return;
    const all = pieces.length === 1 ? first : Buffer.concat(pieces, this.#bytes);
    this.#pieces = [];
    this.#bytes = 0;
    this.#send(all, 0, all.length);
  }
}
