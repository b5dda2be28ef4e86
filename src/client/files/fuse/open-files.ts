import type { DirectoryEntry } from "../../../protocol/index.ts";
import type { Node } from "./node-table.ts";
import type { ReadAhead } from "./read-ahead.ts";

/** A file that the program has open. */
export interface OpenFile {
  readonly node: Node;
  /** As `RemoteFiles` knows it. */
  readonly handle: number;
  readonly isWritable: boolean;
  readonly ahead: ReadAhead;
  /** The whole file as it was when it was opened, for as long as that may be believed. */
  first: { readonly data: Buffer; readonly version: number; readonly untilMs: number } | null;
  /** Something was written that no `flush` has followed yet. */
  hasWritten: boolean;
}

/** A directory that the program has open. */
export interface OpenDirectory {
  readonly node: Node;
  readonly handle: number;
  /** The entries that were told last, and behind which of the directory's they begin. Empty: it ends there. */
  part: { readonly after: bigint; readonly entries: readonly DirectoryEntry[] };
  /** It has been read from. */
  hasBegun: boolean;
}

type Open = OpenFile | OpenDirectory;

/** What is open, by the numbers that the kernel knows. */
export class OpenFiles {
  readonly #files = new Map<number, OpenFile>();
  readonly #directories = new Map<number, OpenDirectory>();
  readonly #ofNode = new Map<Node, Set<Open>>();
  #last = 0;

  add(file: OpenFile): number {
    this.#files.set(this.#note(file), file);
    return this.#last;
  }

  addDirectory(directory: OpenDirectory): number {
    this.#directories.set(this.#note(directory), directory);
    return this.#last;
  }

  file(number: number): OpenFile | undefined {
    return this.#files.get(number);
  }

  directory(number: number): OpenDirectory | undefined {
    return this.#directories.get(number);
  }

  /** One by which the node is open, if it is: that stays the same file whatever becomes of its name. */
  ofNode(node: Node): Open | undefined {
    const [first] = this.#ofNode.get(node) ?? [];
    return first;
  }

  remove(number: number): Open | undefined {
    const open = this.#files.get(number) ?? this.#directories.get(number);
    if (open === undefined) return undefined;
    this.#files.delete(number);
    this.#directories.delete(number);
    const others = this.#ofNode.get(open.node);
    others?.delete(open);
    if (others?.size === 0) this.#ofNode.delete(open.node);
    return open;
  }

  /** Gives its number. */
  #note(open: Open): number {
    const others = this.#ofNode.get(open.node) ?? new Set();
    this.#ofNode.set(open.node, others.add(open));
    return ++this.#last;
  }
}
