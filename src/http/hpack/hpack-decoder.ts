import { Http2Error } from "../h2/errors.ts";
import { BlockCache } from "./block-cache.ts";
import type { DecodedBlock } from "./decoded-block.ts";
import { DynamicTable } from "./dynamic-table.ts";
import { FieldEntry } from "./field-entry.ts";
import { huffmanDecode } from "./huffman-decode.ts";
import { readInteger } from "./integer.ts";
import { Representation, type RepresentationKind } from "./field-entry.ts";
import { LAST_STATIC_INDEX, STATIC_ENTRIES } from "./static-table.ts";

/** RFC 9113 §6.5.2: the table size before any settings. */
export const DEFAULT_TABLE_BYTES = 4096;

const NOTHING = Buffer.alloc(0);

/** Limits of one direction of one connection. */
export interface HpackDecoderOptions {
  /** A longer list is decoded but not given. Counted as in RFC 9113 §6.5.2. */
  readonly maxListBytes: number;
  /** What the settings of the one who decodes allow; {@link DEFAULT_TABLE_BYTES} before any. */
  readonly maxTableBytes?: number;
}

/**
 * Decodes the header blocks of one direction, in order (RFC 7541).
 *
 * Every block must be given, of refused streams too, or the table is wrong from then on. The memory it needs is the
 * table and, for a block, a few words a byte of it: a reference to a large entry makes no copy of it.
 */
export class HpackDecoder {
  readonly #table: DynamicTable;
  readonly #maxListBytes: number;
  #allowedTableBytes: number;
  /** The lowest limit that the next block must go down to first; -1 when it need not. */
  #owedTableBytes = -1;
  #cache: BlockCache | undefined;
  #bytes: Buffer = NOTHING;
  /** The cursor of what is read just now; also the `Cursor` that integers move. */
  readonly #cursor = { at: 0, end: 0 };

  constructor(options: HpackDecoderOptions) {
    this.#maxListBytes = options.maxListBytes;
    this.#allowedTableBytes = options.maxTableBytes ?? DEFAULT_TABLE_BYTES;
    this.#table = new DynamicTable(this.#allowedTableBytes);
  }

  /** The table as the blocks so far have made it. */
  get table(): Pick<DynamicTable, "count" | "sizeBytes" | "maxBytes" | "insertedCount" | "at"> {
    return this.#table;
  }

  /**
   * Takes a new SETTINGS_HEADER_TABLE_SIZE, at the moment the encoder's acknowledgement passes.
   * Where it goes below the size in use, the next block must begin with a size update (RFC 9113 §4.3.1).
   */
  allowTable(bytes: number): void {
    this.#allowedTableBytes = bytes;
    if (bytes >= this.#table.maxBytes) return;
    this.#owedTableBytes = bytes;
    this.#table.resize(bytes);
  }

  /**
   * As {@link decode}, of `bytes[from, to)`. What came before is given again, the same object: nobody may change it.
   * @throws Http2Error as {@link decode}
   */
  decodeAgain(bytes: Buffer, from: number, to: number): DecodedBlock {
    if (this.#owedTableBytes !== -1) return this.decode(bytes.subarray(from, to));
    const cache = (this.#cache ??= new BlockCache());
    const found = cache.find(bytes, from, to, this.#table);
    if (found !== undefined) return found;
    const block = this.decode(bytes.subarray(from, to));
    return mayComeAgain(block) ? cache.offer(block, this.#table) : block;
  }

  /**
   * Decodes one whole block: the fragments of HEADERS or PUSH_PROMISE and all CONTINUATIONs together.
   * @throws Http2Error one of the `hpack-` codes; the table is undefined then and the connection must end.
   */
  decode(bytes: Buffer): DecodedBlock {
    const representations: Representation[] = [];
    const fields: FieldEntry[] = [];
    const cursor = this.#cursor;
    let listBytes = 0;
    let changesTable = false;
    this.#bytes = bytes;
    cursor.at = 0;
    cursor.end = bytes.length;
    while (cursor.at < cursor.end) {
      const first = bytes[cursor.at] as number; // Below the end.
      if (first >= 0x20 && first < 0x40) {
        if (listBytes > 0) throw new Http2Error("hpack-size-update-late", "a size update behind a field");
        representations.push(this.#sizeUpdate());
        changesTable = true;
        continue;
      }
      if (this.#owedTableBytes !== -1)
        throw new Http2Error("hpack-size-update-missing", "no size update after a lowered limit");
      const representation = first >= 0x80 ? this.#indexed(first) : this.#literal(first);
      // A representation that is not a size update has an entry.
      const entry = representation.entry as FieldEntry;
      if (representation.kind === "literal-with-indexing") changesTable = true;
      representations.push(representation);
      listBytes += entry.sizeBytes;
      if (listBytes <= this.#maxListBytes) fields.push(entry);
    }
    const isTooLarge = listBytes > this.#maxListBytes;
    return { bytes, representations, changesTable, fields, listBytes, isTooLarge };
  }

  #sizeUpdate(): Representation {
    const size = readInteger(this.#bytes, this.#cursor, 5);
    const most = this.#owedTableBytes === -1 ? this.#allowedTableBytes : this.#owedTableBytes;
    if (size > most)
      throw new Http2Error("hpack-size-update-large", `${size} bytes where ${most} are allowed`);
    this.#owedTableBytes = -1;
    this.#table.resize(size);
    return new Representation("size-update", undefined, undefined, 0, 0, size);
  }

  #indexed(first: number): Representation {
    if (first === 0xff) return this.#entryAt(readInteger(this.#bytes, this.#cursor, 7)).indexed;
    this.#cursor.at++;
    return this.#entryAt(first & 0x7f).indexed;
  }

  #literal(first: number): Representation {
    const cursor = this.#cursor;
    const kind = literalKind(first);
    const nameIndex = readInteger(this.#bytes, cursor, kind === "literal-with-indexing" ? 6 : 4);
    const nameEntry = nameIndex === 0 ? undefined : this.#entryAt(nameIndex);
    const stringsStart = cursor.at;
    const name = nameEntry === undefined ? this.#string() : nameEntry.name;
    const entry = new FieldEntry(name, this.#string());
    if (kind === "literal-with-indexing") this.#table.insert(entry);
    return new Representation(kind, entry, nameEntry, stringsStart, cursor.at);
  }

  #entryAt(index: number): FieldEntry {
    if (index <= LAST_STATIC_INDEX) {
      const entry = STATIC_ENTRIES[index - 1];
      if (entry === undefined) throw new Http2Error("hpack-index-zero", "index 0");
      return entry;
    }
    const entry = this.#table.at(index - LAST_STATIC_INDEX);
    if (entry !== undefined) return entry;
    const last = LAST_STATIC_INDEX + this.#table.count;
    throw new Http2Error("hpack-index-range", `index ${index} where ${last} is the last`);
  }

  /** RFC 7541 §5.2. The length is compared with what is there before anything is made of it. */
  #string(): string {
    const cursor = this.#cursor;
    const bytes = this.#bytes;
    const isHuffman = (bytes[cursor.at] ?? 0) >= 0x80;
    const length = readInteger(bytes, cursor, 7);
    const start = cursor.at;
    if (length > cursor.end - start)
      throw new Http2Error(
        "hpack-truncated",
        `a string of ${length} bytes where ${cursor.end - start} are left`,
      );
    cursor.at = start + length;
    if (length === 0) return "";
    return isHuffman ? huffmanDecode(bytes, start, cursor.at) : bytes.toString("latin1", start, cursor.at);
  }
}

/** A value that is never to be indexed is not kept either (RFC 7541 §7.1.3). */
function mayComeAgain({ representations, changesTable, isTooLarge }: DecodedBlock): boolean {
  if (changesTable || isTooLarge) return false;
  for (const { kind } of representations) if (kind === "never-indexed") return false;
  return true;
}

function literalKind(first: number): RepresentationKind {
  if (first >= 0x40) return "literal-with-indexing";
  return first >= 0x10 ? "never-indexed" : "literal-without-indexing";
}
