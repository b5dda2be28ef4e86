import type { FieldEntry } from "./field-entry.ts";

/** How a block says a field (RFC 7541 §6); a size update says none. */
export type RepresentationKind =
  | "indexed"
  | "literal-with-indexing"
  | "literal-without-indexing"
  | "never-indexed"
  | "size-update";

/** One instruction of a header block, with what is needed to say it again to another table. */
export class Representation {
  readonly kind: RepresentationKind;
  /** The field. For a literal it is a new entry, in the table or not; undefined for a size update. */
  readonly entry: FieldEntry | undefined;
  /** The entry a literal took its name from; undefined when the name was spelled out. */
  readonly nameEntry: FieldEntry | undefined;
  /** A literal's raw string or strings, name (if spelled out) and value, lie in `[stringsStart, end)` of the block. */
  readonly stringsStart: number;
  readonly end: number;
  /** The table size of a size update. */
  readonly maxTableBytes: number;

  constructor(
    kind: RepresentationKind,
    entry: FieldEntry | undefined,
    nameEntry?: FieldEntry,
    stringsStart = 0,
    end = 0,
    maxTableBytes = 0,
  ) {
    this.kind = kind;
    this.entry = entry;
    this.nameEntry = nameEntry;
    this.stringsStart = stringsStart;
    this.end = end;
    this.maxTableBytes = maxTableBytes;
  }
}
