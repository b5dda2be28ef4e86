const NOTHING = Buffer.alloc(0);

/**
 * The bytes of one direction while they pass as they came: what was read as frames goes on, what is cut or undecided is
 * kept. Positions are counted from the first byte that was not passed on.
 */
export class UntouchedBytes {
  readonly #send: (bytes: Buffer, from: number, to: number) => void;
  /** Copies of earlier chunks; `#keptBytes` of it are in use. */
  #kept: Buffer = NOTHING;
  #keptBytes = 0;
  #chunk: Buffer = NOTHING;
  #chunkAt = 0;
  #readBytes = 0;
  #readyBytes = 0;

  constructor(send: (bytes: Buffer, from: number, to: number) => void) {
    this.#send = send;
  }

  /** `chunk` is valid until {@link end}. */
  begin(chunk: Buffer): void {
    this.#chunk = chunk;
    this.#chunkAt = 0;
  }

  /** So many bytes more are read. */
  read(bytes: number): void {
    this.#readBytes += bytes;
  }

  /** All that is read may pass. */
  release(): void {
    this.#readyBytes = this.#readBytes;
  }

  /** Sends what may pass. */
  flush(): void {
    const ready = this.#readyBytes;
    if (ready === 0) return;
    this.#readBytes -= ready;
    this.#readyBytes = 0;
    // A frame that was cut ends in the chunk that completes it, so all that is kept goes.
    if (this.#keptBytes > 0) this.#send(this.#kept, 0, this.#keptBytes);
    const to = this.#chunkAt + ready - this.#keptBytes;
    if (to > this.#chunkAt) this.#send(this.#chunk, this.#chunkAt, to);
    this.#kept = NOTHING;
    this.#keptBytes = 0;
    this.#chunkAt = to;
  }

  /** Sends what may pass and keeps the rest of the chunk. */
  end(): void {
    this.flush();
    const bytes = this.#chunk.length - this.#chunkAt;
    if (this.#keptBytes + bytes > this.#kept.length) {
      const room = Buffer.allocUnsafeSlow(Math.max(bytes + this.#keptBytes, this.#keptBytes * 2));
      this.#kept.copy(room, 0, 0, this.#keptBytes);
      this.#kept = room;
    }
    this.#keptBytes += this.#chunk.copy(this.#kept, this.#keptBytes, this.#chunkAt);
    this.#chunk = NOTHING;
    this.#chunkAt = 0;
  }

  /** Gives all that was not passed on, as it came, and forgets it. */
  take(): Buffer {
    const all = Buffer.concat([this.#kept.subarray(0, this.#keptBytes), this.#chunk.subarray(this.#chunkAt)]);
    this.drop();
    return all;
  }

  drop(): void {
    this.#kept = NOTHING;
    this.#keptBytes = 0;
    this.#chunk = NOTHING;
    this.#chunkAt = 0;
    this.#readBytes = 0;
    this.#readyBytes = 0;
  }
}
