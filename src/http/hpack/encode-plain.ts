import { BlockWriter } from "./block-writer.ts";
import type { FieldEntry } from "./field-entry.ts";
import { staticEntriesOf } from "./static-table.ts";

/** A field to be sent; the name in lower case, both latin-1. */
export type HeaderPair = readonly [name: string, value: string];

const writer = new BlockWriter();

/** How {@link encodePlain} may differ. */
export interface EncodePlainOptions {
  /** Begins with this size update: owed by whoever sends first after the peer lowered its table (RFC 9113 §4.3.1). */
  readonly sizeUpdateBytes?: number;
  /** Codes strings where that is not longer. It saves bytes and costs time, so it is off unless asked for. */
  readonly huffman?: boolean;
  /** Fields that no proxy may put into a table (RFC 7541 §7.1.3). */
  readonly isNeverIndexed?: (name: string) => boolean;
}

/**
 * Encodes fields with static indexes and literals without indexing only, so that it fits between the blocks of another
 * encoder: no table changes, and none is needed to read it.
 */
export function encodePlain(pairs: readonly HeaderPair[], options: EncodePlainOptions = {}): Buffer {
  const huffman = options.huffman ?? false;
  if (options.sizeUpdateBytes !== undefined) writer.sizeUpdate(options.sizeUpdateBytes);
  for (const [name, value] of pairs) {
    const entries = staticEntriesOf(name);
    const neverIndexed = options.isNeverIndexed?.(name) === true;
    const index = neverIndexed || entries === undefined ? 0 : indexOf(entries, value);
    if (index !== 0) {
      writer.indexed(index);
      continue;
    }
    writer.literal(
      neverIndexed ? "never-indexed" : "literal-without-indexing",
      entries?.[0]?.staticIndex ?? 0,
    );
    if (entries === undefined) writer.string(name, huffman);
    writer.string(value, huffman);
  }
  return writer.take();
}

/** The static index of a whole field; 0 when it has none. An empty value there means "any". */
function indexOf(entries: readonly FieldEntry[], value: string): number {
  if (value !== "") for (const entry of entries) if (entry.value === value) return entry.staticIndex;
  return 0;
}
