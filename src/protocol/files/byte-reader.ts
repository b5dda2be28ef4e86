import { ProtocolError } from "../errors.ts";

/** Reads little-endian numbers and counted bytes from a whole frame, and never past its end. */
export class ByteReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /** @throws ProtocolError `bad-payload`, as every method here, when the frame ends before. */
  u8(): number {
    return this.#bytes.readUInt8(this.#take(1));
  }

  u16(): number {
    return this.#bytes.readUInt16LE(this.#take(2));
  }

  u32(): number {
    return this.#bytes.readUInt32LE(this.#take(4));
  }

  u64(): bigint {
    return this.#bytes.readBigUInt64LE(this.#take(8));
  }

  /** A whole number of 64 bits that is not negative. @throws ProtocolError also when it is no safe integer */
  size(): number {
    const at = this.#take(8);
    return this.#safe(this.#bytes.readUInt32LE(at) + this.#bytes.readUInt32LE(at + 4) * 2 ** 32);
  }

  /** A whole number of 64 bits. @throws ProtocolError also when it is no safe integer */
  signed(): number {
    return this.#safe(Number(this.#bytes.readBigInt64LE(this.#take(8))));
  }

  flag(): boolean {
    return this.u8() !== 0;
  }

  /** Bytes behind their count of 16 bits. A view. */
  shortBytes(): Buffer {
    return this.bytes(this.u16());
  }

  /** Bytes behind their count of 32 bits. A view. */
  longBytes(): Buffer {
    return this.bytes(this.u32());
  }

  /** ASCII behind its count of 8 bits. */
  word(): string {
    return this.bytes(this.u8()).toString("latin1");
  }

  /** A view. */
  bytes(count: number): Buffer {
    const at = this.#take(count);
    return this.#bytes.subarray(at, at + count);
  }

  /** @throws ProtocolError `bad-payload` when something is left */
  end(): void {
    if (this.left > 0)
      throw new ProtocolError("bad-payload", `${this.left} bytes too many in a frame about files`);
  }

  #take(count: number): number {
    if (this.left < count) throw new ProtocolError("bad-payload", "a frame about files ends too early");
    const at = this.#at;
    this.#at += count;
    return at;
  }

  #safe(value: number): number {
    if (!Number.isSafeInteger(value))
      throw new ProtocolError("bad-payload", "a number about files is too large");
    return value;
  }
}
