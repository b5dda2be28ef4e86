/**
 * Cuts a stream of TCP into messages: each has its length before it, in two bytes (RFC 1035 §4.2.2). Takes any split of the
 * input, and never holds more than one message that is not whole.
 */
export class MessageFrames {
  #held: Buffer = Buffer.alloc(0);

  /** The messages that are whole now. */
  push(chunk: Buffer): Buffer[] {
    let rest = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    const messages: Buffer[] = [];
    while (rest.length >= 2) {
      const end = 2 + rest.readUInt16BE(0);
      if (rest.length < end) break;
      messages.push(rest.subarray(2, end));
      rest = rest.subarray(end);
    }
    // Of a large chunk that is nearly all read, only the rest is kept.
    this.#held = Buffer.from(rest);
    return messages;
  }

  /** A message as it is sent. */
  static framed(message: Buffer): Buffer {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(message.length, 0);
    return Buffer.concat([length, message]);
  }
}
