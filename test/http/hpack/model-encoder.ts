import { BlockWriter, type LiteralKind } from "../../../src/http/hpack/block-writer.ts";
import { STATIC_ENTRIES } from "../../../src/http/hpack/static-table.ts";

export type Pair = readonly [name: string, value: string];

/** How one field is to be said; `reference` takes an index where there is one. */
export type Manner = LiteralKind | "reference";

/**
 * A plain encoder with a table of its own, kept as a list and searched from end to end: slow, and unlike the code under
 * test in everything.
 */
export class ModelEncoder {
  /** Newest first. */
  table: Pair[] = [];
  maxBytes: number;
  readonly #writer = new BlockWriter();

  constructor(maxBytes = 4096) {
    this.maxBytes = maxBytes;
  }

  get sizeBytes(): number {
    return this.table.reduce((sum, [name, value]) => sum + name.length + value.length + 32, 0);
  }

  sizeUpdate(bytes: number): void {
    this.#writer.sizeUpdate(bytes);
    this.maxBytes = bytes;
    this.#evict();
  }

  field(pair: Pair, manner: Manner, huffman: boolean): void {
    const [name, value] = pair;
    const all: Pair[] = [...STATIC_ENTRIES.map((entry): Pair => [entry.name, entry.value]), ...this.table];
    const whole = all.findIndex((known) => known[0] === name && known[1] === value);
    if (manner === "reference" && whole !== -1) return this.#writer.indexed(whole + 1);
    const kind = manner === "reference" ? "literal-with-indexing" : manner;
    const nameIndex = all.findIndex((known) => known[0] === name) + 1;
    this.#writer.literal(kind, nameIndex);
    if (nameIndex === 0) this.#writer.string(name, huffman);
    this.#writer.string(value, huffman);
    if (kind !== "literal-with-indexing") return;
    this.table.unshift(pair);
    this.#evict();
  }

  take(): Buffer {
    return this.#writer.take();
  }

  #evict(): void {
    while (this.table.length > 0 && this.sizeBytes > this.maxBytes) this.table.pop();
  }
}
