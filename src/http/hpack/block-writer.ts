import type { FieldEntry } from "./field-entry.ts";
import { huffmanEncode, huffmanLength } from "./huffman-encode.ts";
import { MAX_INTEGER_BYTES, writeInteger } from "./integer.ts";
import type { RepresentationKind } from "./field-entry.ts";

/** The kinds that spell a value out. */
export type LiteralKind = Exclude<RepresentationKind, "indexed" | "size-update">;

/** The high bits and the prefix of the name index (RFC 7541 §6.2). */
const LITERALS: Readonly<Record<LiteralKind, { readonly highBits: number; readonly prefixBits: number }>> = {
  "literal-with-indexing": { highBits: 0x40, prefixBits: 6 },
  "literal-without-indexing": { highBits: 0x00, prefixBits: 4 },
  "never-indexed": { highBits: 0x10, prefixBits: 4 },
};

/** A call into the engine costs more than a few letters. */
const MAX_LOOPED_LENGTH = 32;

/** Above this the room is not kept for the next block. */
const MAX_KEPT_BYTES = 64 * 1024;

/** Writes one header block at a time; the room is used again for the next. */
export class BlockWriter {
  #room = Buffer.allocUnsafeSlow(1024);
  #length = 0;

  /** A copy of what was written since the last call. */
  take(): Buffer {
    const block = Buffer.from(this.#room.subarray(0, this.#length));
    this.#length = 0;
    if (this.#room.length > MAX_KEPT_BYTES) this.#room = Buffer.allocUnsafeSlow(1024);
    return block;
  }

  /** RFC 7541 §6.1; static and dynamic indexes counted together. */
  indexed(index: number): void {
    this.#integer(index, 7, 0x80);
  }

  /** RFC 7541 §6.3. */
  sizeUpdate(maxTableBytes: number): void {
    this.#integer(maxTableBytes, 5, 0x20);
  }

  /** Begins a literal; `nameIndex` 0 says that the name's string follows, before the value's. */
  literal(kind: LiteralKind, nameIndex: number): void {
    const { prefixBits, highBits } = LITERALS[kind];
    this.#integer(nameIndex, prefixBits, highBits);
  }

  /** A string (RFC 7541 §5.2), Huffman coded where that is asked for and not longer. */
  string(text: string, huffman: boolean): void {
    const coded = huffman ? huffmanLength(text) : Number.POSITIVE_INFINITY;
    if (coded <= text.length && text !== "") {
      this.#integer(coded, 7, 0x80);
      this.#ensure(coded);
      this.#length = huffmanEncode(text, this.#room, this.#length);
      return;
    }
    this.#integer(text.length, 7, 0);
    this.#ensure(text.length);
    if (text.length > MAX_LOOPED_LENGTH) this.#length += this.#room.write(text, this.#length, "latin1");
    else for (let at = 0; at < text.length; at++) this.#room[this.#length++] = text.charCodeAt(at);
  }

  /** The name and the value of an entry as literal strings. */
  strings(entry: FieldEntry, huffman: boolean): void {
    this.string(entry.name, huffman);
    this.string(entry.value, huffman);
  }

  /** Strings as another block spelled them: `bytes[start, end)`. */
  raw(bytes: Buffer, start: number, end: number): void {
    this.#ensure(end - start);
    this.#length += bytes.copy(this.#room, this.#length, start, end);
  }

  #integer(value: number, prefixBits: number, highBits: number): void {
    this.#ensure(MAX_INTEGER_BYTES);
    if (value < (1 << prefixBits) - 1) this.#room[this.#length++] = highBits | value;
    else this.#length = writeInteger(this.#room, this.#length, { value, prefixBits, highBits });
  }

  #ensure(bytes: number): void {
    if (this.#length + bytes <= this.#room.length) return;
    const room = Buffer.allocUnsafeSlow(Math.max(this.#room.length * 2, this.#length + bytes));
    this.#room.copy(room, 0, 0, this.#length);
    this.#room = room;
  }
}
