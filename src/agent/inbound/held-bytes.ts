const NOTHING = Buffer.alloc(0);

/**
 * Bytes of a client that cannot be acted on yet, in one piece. Room is doubled, so that a head which comes byte by byte
 * costs as much as one that comes at once. Its bound is kept by whoever holds.
 */
export class HeldBytes {
  #room: Buffer = NOTHING;
  #view: Buffer = NOTHING;
  /** Where `#view` begins in the room. */
  #from = 0;

  get length(): number {
    return this.#view.length;
  }

  /** Adds `bytes[from, to)` behind what is held. */
  append(bytes: Buffer, from: number, to: number): void {
    const length = this.#view.length + to - from;
    if (this.#from + length > this.#room.length) {
      const room = Buffer.allocUnsafeSlow(this.#view.length === 0 ? length : length * 2);
      this.#view.copy(room);
      this.#room = room;
      this.#from = 0;
    }
    bytes.copy(this.#room, this.#from + this.#view.length, from, to);
    this.#view = this.#room.subarray(this.#from, this.#from + length);
  }

  /** Holds `bytes[from, to)` and nothing else. What {@link take} gave last is not copied when it comes back. */
  hold(bytes: Buffer, from: number, to: number): void {
    this.#view = NOTHING;
    if (bytes.buffer === this.#room.buffer && this.#room.length > 0) {
      this.#from = bytes.byteOffset - this.#room.byteOffset + from;
      this.#view = bytes.subarray(from, to);
      return;
    }
    this.#room = NOTHING;
    this.#from = 0;
    this.append(bytes, from, to);
  }

  /** Gives what is held, which stays as it is until something is held again; nothing is held then. */
  take(): Buffer {
    const held = this.#view;
    this.#view = NOTHING;
    return held;
  }
}
