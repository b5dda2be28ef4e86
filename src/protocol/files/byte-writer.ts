import { ProtocolError } from "../errors.ts";

/** Writes little-endian numbers and counted bytes one behind the other; grows as needed. */
export class ByteWriter {
  #bytes: Buffer;
  #at = 0;

  constructor(expectedBytes = 256) {
    this.#bytes = Buffer.allocUnsafeSlow(expectedBytes);
  }

  get length(): number {
    return this.#at;
  }

  u8(value: number): void {
    this.#room(1);
    this.#at = this.#bytes.writeUInt8(value, this.#at);
  }

  u16(value: number): void {
    this.#room(2);
    this.#at = this.#bytes.writeUInt16LE(value, this.#at);
  }

  u32(value: number): void {
    this.#room(4);
    this.#at = this.#bytes.writeUInt32LE(value, this.#at);
  }

  u64(value: bigint): void {
    this.#room(8);
    this.#at = this.#bytes.writeBigUInt64LE(value, this.#at);
  }

  /** A safe integer that is not negative, in 64 bits. */
  size(value: number): void {
    this.#room(8);
    this.#bytes.writeUInt32LE(value % 2 ** 32, this.#at);
    this.#at = this.#bytes.writeUInt32LE(Math.floor(value / 2 ** 32), this.#at + 4);
  }

  /** A safe integer, in 64 bits. */
  signed(value: number): void {
    this.#room(8);
    this.#at = this.#bytes.writeBigInt64LE(BigInt(value), this.#at);
  }

  flag(value: boolean): void {
    this.u8(value ? 1 : 0);
  }

  /** @throws ProtocolError `too-large` above 64 KB */
  shortBytes(bytes: Uint8Array): void {
    if (bytes.length > 0xffff) throw new ProtocolError("too-large", "more bytes than their count can say");
    this.u16(bytes.length);
    this.bytes(bytes);
  }

  longBytes(bytes: Uint8Array): void {
    this.u32(bytes.length);
    this.bytes(bytes);
  }

  /** ASCII of at most 255 characters. */
  word(text: string): void {
    this.u8(text.length);
    this.bytes(Buffer.from(text, "latin1"));
  }

  bytes(bytes: Uint8Array): void {
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  /** Room for bytes that the caller fills in itself: gives where. Valid until the next call. */
  reserve(count: number): Buffer {
    this.#room(count);
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  /** Takes back what was written behind `length`. */
  cutTo(length: number): void {
    this.#at = length;
  }

  /** Overwrites four bytes that were written before. */
  setU32(at: number, value: number): void {
    this.#bytes.writeUInt32LE(value, at);
  }

  /** Everything so far. A view. */
  written(): Buffer {
    return this.#bytes.subarray(0, this.#at);
  }

  #room(count: number): void {
    if (this.#at + count <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, this.#at + count));
    larger.set(this.written());
    this.#bytes = larger;
  }
}
