/** Bytes that were sent at once. */
interface Piece {
  readonly bytes: Buffer;
  readonly onSent: (() => void) | undefined;
}

const COMPACT_AT = 256;

/**
 * What was sent and is not acknowledged yet, so that it can be sent once more. Nothing is copied: the pieces are kept as
 * they were given, and given back when the peer has them.
 *
 * Its bound is kept by the carrier, which counts all of it as held.
 */
export class ReplayBuffer {
  readonly #pieces: (Piece | undefined)[] = [];
  #at = 0;
  /** Number of the piece at `#at`, counted from the first one ever. */
  #number = 0;
  /** Pieces up to here are not read by any carrier any more. */
  #copiedNumber = 0;
  /** Where the first piece begins, in bytes from the first one ever. */
  #firstByte = 0;
  #acknowledgedBytes = 0;
  #sentBytes = 0;

  /** All that was ever sent. */
  get sentBytes(): number {
    return this.#sentBytes;
  }

  /** What the peer may lack. */
  get heldBytes(): number {
    return this.#sentBytes - this.#acknowledgedBytes;
  }

  /** Adds what is being sent. `onSent` is called when its memory may be written again, if that is ever known. */
  add(bytes: Buffer, onSent: (() => void) | undefined): void {
    this.#pieces.push({ bytes, onSent });
    this.#sentBytes += bytes.length;
  }

  /** A carrier has told that it is done with the oldest piece that it was given and had not told of. */
  copied(): void {
    this.#copiedNumber += 1;
  }

  /** Whether a peer may have received just so many bytes. */
  covers(receivedBytes: number): boolean {
    return receivedBytes >= this.#acknowledgedBytes && receivedBytes <= this.#sentBytes;
  }

  /**
   * The peer has received so many bytes; `covers` must hold. Memory is given back when a carrier has also told that it is
   * done with it, which it has before any peer can have acknowledged: one that has not told may hand the memory on.
   */
  acknowledge(receivedBytes: number): void {
    this.#acknowledgedBytes = receivedBytes;
    for (;;) {
      const piece = this.#pieces[this.#at];
      if (piece === undefined || this.#firstByte + piece.bytes.length > receivedBytes) return;
      this.#firstByte += piece.bytes.length;
      const isCopied = this.#number < this.#copiedNumber;
      this.#shift();
      if (isCopied) piece.onSent?.();
    }
  }

  /** Gives what the peer lacks, in order, for another carrier; the one before is done with all of it. */
  replay(send: (bytes: Buffer) => void): void {
    this.#copiedNumber = this.#number;
    for (let index = this.#at; index < this.#pieces.length; index++) {
      const bytes = this.#pieces[index]?.bytes;
      if (bytes === undefined) continue;
      // Only the first one can be acknowledged in part.
      send(index === this.#at ? bytes.subarray(this.#acknowledgedBytes - this.#firstByte) : bytes);
    }
  }

  /** Drops all of it. */
  clear(): void {
    this.#pieces.length = 0;
    this.#at = 0;
  }

  #shift(): void {
    this.#pieces[this.#at] = undefined;
    this.#at += 1;
    this.#number += 1;
    if (this.#at === this.#pieces.length) {
      this.#pieces.length = 0;
      this.#at = 0;
    } else if (this.#at === COMPACT_AT) {
      this.#pieces.splice(0, COMPACT_AT); // A queue that never runs empty must not grow for ever.
      this.#at = 0;
    }
  }
}
