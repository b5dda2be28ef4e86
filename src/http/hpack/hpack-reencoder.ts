import { BlockWriter } from "./block-writer.ts";
import type { DecodedBlock } from "./decoded-block.ts";
import { DynamicTable } from "./dynamic-table.ts";
import type { FieldEntry } from "./field-entry.ts";
import { DEFAULT_TABLE_BYTES } from "./hpack-decoder.ts";
import type { Representation } from "./field-entry.ts";
import { LAST_STATIC_INDEX } from "./static-table.ts";

/**
 * Says the header blocks of one direction again, for an upstream that does not see all of them.
 *
 * It keeps a model of the table of the upstream's decoder, made by the forwarded blocks only. Every block that the
 * connection's `HpackDecoder` gave must come here, in order, to `forward` or to `withhold`; entries are marked with
 * their number in the model, so a decoder and a re-encoder belong together one to one.
 *
 * Order, case, repetition and never-indexed marks stay, and strings keep their coding. Until a withheld block changed
 * the table, blocks are given back as they came.
 */
export class HpackReencoder {
  readonly #table: DynamicTable;
  readonly #writer = new BlockWriter();
  #inStep = true;
  /** Size updates of withheld blocks (RFC 7541 §4.2: the lowest and the last are to be told); -1 when none. */
  #owedLowestBytes = -1;
  #owedLastBytes = -1;

  /** @param maxTableBytes as the decoder's */
  constructor(maxTableBytes: number = DEFAULT_TABLE_BYTES) {
    this.#table = new DynamicTable(maxTableBytes);
  }

  /** Both tables are still alike: blocks pass as they are. Once false it stays so. */
  get isInStep(): boolean {
    return this.#inStep;
  }

  /** The upstream's table, as it must be after all blocks so far. */
  get table(): Pick<DynamicTable, "count" | "sizeBytes" | "maxBytes" | "insertedCount" | "at"> {
    return this.#table;
  }

  /** Takes a lowered SETTINGS_HEADER_TABLE_SIZE, together with the decoder's `allowTable`. */
  allowTable(bytes: number): void {
    if (bytes < this.#table.maxBytes) this.#table.resize(bytes);
  }

  /** Notes a block that the upstream will not see: its insertions never happen there, its size updates are owed. */
  withhold(block: DecodedBlock): void {
    if (!block.changesTable) return;
    this.#inStep = false;
    for (const { kind, maxTableBytes } of block.representations)
      if (kind === "size-update") this.#owe(maxTableBytes);
  }

  /** The block for the upstream: `block.bytes` itself where it can pass untouched, else one that says the same there. */
  forward(block: DecodedBlock): Buffer {
    if (this.#inStep) {
      if (block.changesTable) this.#follow(block.representations);
      return block.bytes;
    }
    let at = 0;
    const { representations } = block;
    for (; representations[at]?.kind === "size-update"; at++)
      this.#owe(representations[at]?.maxTableBytes ?? 0);
    this.#payOwed();
    for (; at < representations.length; at++) this.#say(representations[at] as Representation, block.bytes); // Below the length.
    return this.#writer.take();
  }

  #follow(representations: readonly Representation[]): void {
    for (const representation of representations) {
      if (representation.kind === "literal-with-indexing")
        this.#insert(representation.entry as FieldEntry); // Literals have one.
      else if (representation.kind === "size-update") this.#table.resize(representation.maxTableBytes);
    }
  }

  #owe(bytes: number): void {
    if (this.#owedLowestBytes === -1 || bytes < this.#owedLowestBytes) this.#owedLowestBytes = bytes;
    this.#owedLastBytes = bytes;
  }

  #payOwed(): void {
    if (this.#owedLastBytes === -1) return;
    if (this.#owedLowestBytes < this.#owedLastBytes) this.#resize(this.#owedLowestBytes);
    this.#resize(this.#owedLastBytes);
    this.#owedLowestBytes = -1;
    this.#owedLastBytes = -1;
  }

  #resize(bytes: number): void {
    this.#writer.sizeUpdate(bytes);
    this.#table.resize(bytes);
  }

  #say(representation: Representation, bytes: Buffer): void {
    const entry = representation.entry as FieldEntry; // Size updates stand first, they were said.
    const { kind, nameEntry } = representation;
    if (kind === "indexed") return this.#refer(entry);
    if (kind === "size-update") return;
    const nameIndex = nameEntry === undefined ? 0 : this.#indexOf(nameEntry);
    this.#writer.literal(kind, nameIndex);
    if (nameEntry !== undefined && nameIndex === 0) this.#writer.string(nameEntry.name, true);
    this.#writer.raw(bytes, representation.stringsStart, representation.end);
    if (kind === "literal-with-indexing") this.#insert(entry);
  }

  #refer(entry: FieldEntry): void {
    const index = this.#indexOf(entry);
    if (index !== 0) return this.#writer.indexed(index);
    // It fits: both tables have one size, and the client's still has it.
    this.#writer.literal("literal-with-indexing", 0);
    this.#writer.strings(entry, true);
    this.#insert(entry);
  }

  /** The index of an entry in the upstream's address space (RFC 7541 §2.3.3); 0 when it has it no longer. */
  #indexOf(entry: FieldEntry): number {
    if (entry.staticIndex !== 0) return entry.staticIndex;
    const index = this.#table.indexOf(entry.upstreamNumber);
    return index === 0 ? 0 : index + LAST_STATIC_INDEX;
  }

  #insert(entry: FieldEntry): void {
    entry.upstreamNumber = this.#table.insert(entry);
  }
}
