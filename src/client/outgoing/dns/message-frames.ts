const LENGTH_BYTES = 2;

/**
 * Cuts a stream of TCP into messages: each has its length before it, in two bytes (RFC 1035 §4.2.2). Takes any split of the
 * input, and never holds more than one message that is not whole.
 */
export class MessageFrames {
  #held: Buffer[] = [];
  #heldBytes = 0;
  /** With that many bytes the next message may be whole. */
  #neededBytes = LENGTH_BYTES;

  /** The messages that are whole now. */
  push(chunk: Buffer): Buffer[] {
    this.#held.push(chunk);
    this.#heldBytes += chunk.length;
    if (this.#heldBytes < this.#neededBytes) return [];
    let rest = Buffer.concat(this.#held);
    const messages: Buffer[] = [];
    this.#neededBytes = LENGTH_BYTES;
    while (rest.length >= LENGTH_BYTES) {
      const end = LENGTH_BYTES + rest.readUInt16BE(0);
      this.#neededBytes = end;
      if (rest.length < end) break;
      messages.push(rest.subarray(LENGTH_BYTES, end));
      rest = rest.subarray(end);
      this.#neededBytes = LENGTH_BYTES;
    }
    // Of a large chunk that is nearly all read, only the rest is kept.
    this.#held = [Buffer.from(rest)];
    this.#heldBytes = rest.length;
    return messages;
  }

  /** A message as it is sent. */
  static framed(message: Buffer): Buffer {
    const length = Buffer.alloc(LENGTH_BYTES);
    length.writeUInt16BE(message.length, 0);
    return Buffer.concat([length, message]);
  }
}
