/** RFC 7541 §4.1, RFC 9113 §6.5.2: what an entry counts beside its octets. */
export const ENTRY_OVERHEAD_BYTES = 32;

/**
 * One name and value, as a table holds them or a block spelled them: the same object wherever it is referred to, so
 * that what was found out about it once need not be found out again.
 */
export class FieldEntry {
  /** Latin-1, as is the value. */
  readonly name: string;
  readonly value: string;
  /** With the overhead of RFC 7541 §4.1. */
  readonly sizeBytes: number;
  /** 1 to 61 in the static table, else 0. */
  readonly staticIndex: number;
  /** Its insertion number in the upstream's table, from 1; 0 when it was never put there. Kept by the re-encoder. */
  upstreamNumber = 0;
  /** Room for a reader of field lists to note what it found; 0 is "not looked at". */
  note = 0;
  #indexed: Representation | undefined;
  #line: string | undefined;

  constructor(name: string, value: string, staticIndex = 0) {
    this.name = name;
    this.value = value;
    this.sizeBytes = name.length + value.length + ENTRY_OVERHEAD_BYTES;
    this.staticIndex = staticIndex;
  }

  /** `name: value` and CRLF. */
  get line(): string {
    return (this.#line ??= `${this.name}: ${this.value}\r\n`);
  }

  /** The representation that refers to the whole entry. One object for all, so a block of references costs no memory. */
  get indexed(): Representation {
    return (this.#indexed ??= new Representation("indexed", this));
  }
}

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
