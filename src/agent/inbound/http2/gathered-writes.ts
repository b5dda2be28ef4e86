/** What is gathered before it goes out: one system call costs more than copying so much. */
const ROOM_BYTES = 64 * 1024;
/** A longer piece goes out as it is. */
const MAX_COPIED_BYTES = 16 * 1024;

/** The room that whoever gathers just now writes to: one for all, as hardly ever two gather at the same time. */
let spare: Buffer | undefined = Buffer.allocUnsafeSlow(ROOM_BYTES);

/**
 * Puts the pieces of one turn together, so that they leave in one write. Pieces that lie behind one another in the same
 * buffer are one piece, and one piece alone is never copied.
 */
export class GatheredWrites {
  readonly #send: (bytes: Buffer, from: number, to: number) => void;
  /** The last piece, `#bytes[#from, #to)`, which may grow still. */
  #bytes: Buffer | undefined;
  #from = 0;
  #to = 0;
  /** What came before it, copied. */
  #room: Buffer | undefined;
  #roomBytes = 0;

  constructor(send: (bytes: Buffer, from: number, to: number) => void) {
    this.#send = send;
  }

  /** `bytes[from, to)` must stay as it is until {@link flush}. */
  add(bytes: Buffer, from = 0, to = bytes.length): void {
    if (bytes === this.#bytes && from === this.#to) {
      this.#to = to;
      return;
    }
    if (from === to) return;
    this.#setAside();
    this.#bytes = bytes;
    this.#from = from;
    this.#to = to;
  }

  flush(): void {
    const bytes = this.#bytes;
    if (bytes === undefined) return;
    if (this.#roomBytes > 0) this.#setAside();
    if (this.#bytes !== undefined) {
      this.#bytes = undefined;
      this.#send(bytes, this.#from, this.#to);
    }
    this.#sendRoom();
  }

  /** Copies the last piece, or sends it where that is cheaper; then there is none. */
  #setAside(): void {
    const bytes = this.#bytes;
    if (bytes === undefined) return;
    this.#bytes = undefined;
    const length = this.#to - this.#from;
    if (this.#roomBytes + length > ROOM_BYTES || length > MAX_COPIED_BYTES) this.#sendRoom();
    if (length > MAX_COPIED_BYTES) return this.#send(bytes, this.#from, this.#to);
    if (this.#room === undefined) {
      this.#room = spare ?? Buffer.allocUnsafeSlow(ROOM_BYTES);
      spare = undefined;
    }
    copy(bytes, this.#from, this.#to, this.#room, this.#roomBytes);
    this.#roomBytes += length;
  }

  #sendRoom(): void {
    const room = this.#room;
    if (room === undefined) return;
    const length = this.#roomBytes;
    this.#room = undefined;
    this.#roomBytes = 0;
    if (length > 0) this.#send(room, 0, length);
    spare = room;
  }
}

/** A call into the engine costs more than a few bytes. */
function copy(bytes: Buffer, from: number, to: number, into: Buffer, at: number): void {
  if (to - from > 48) bytes.copy(into, at, from, to);
  else for (let index = from; index < to; index++) into[at + index - from] = bytes[index] as number; // Below `to`.
}
