import type { FieldEntry } from "./field-entry.ts";
import type { Representation } from "./field-entry.ts";

/** A header block, decoded. It keeps the block's bytes: literals are said again from them. */
export interface DecodedBlock {
  readonly bytes: Buffer;
  /** Every instruction in order, size updates first. */
  readonly representations: readonly Representation[];
  /** Whether the table is another one after it: a literal with indexing, or a size update. */
  readonly changesTable: boolean;
  /** The field list in order. Cut short where `isTooLarge`: then it must not be used for a decision. */
  readonly fields: readonly FieldEntry[];
  /** The size of the whole list as RFC 9113 §6.5.2 counts it: 32 bytes a field beside its octets. */
  readonly listBytes: number;
  /** The list is above `maxListBytes`. The table is right all the same: the connection can go on. */
  readonly isTooLarge: boolean;
}
