import type { FileAttributes, FileTime } from "../../../protocol/index.ts";

/** Kinds of files, as the mode tells them (inode(7)). */
const KIND = 0o170000;
const DIRECTORY = 0o040000;
const ROOT_ID = 1;

/** A name in a directory. */
interface Name {
  readonly parent: Node;
  readonly name: string;
}

/** A file that the kernel has a number for. */
export class Node {
  readonly id: number;
  /** Which file it is in the pod: one of another device or inode is another node. Empty for one that was never seen. */
  readonly key: string;
  readonly isDirectory: boolean;
  /** How often the kernel was told of it and has not forgotten it again. */
  lookups = 0;
  /** A file may have several, the one that was seen last first; one that was removed has none. */
  readonly names: Name[] = [];
  readonly children = new Map<string, Node>();
  /** Counts the contents that it is known to have had: bytes that were read under another number are not shown. */
  version = 0;
  /** What it was when it was last seen. */
  #seen: FileAttributes | undefined;

  constructor(about: { id: number; key: string; isDirectory: boolean }) {
    this.id = about.id;
    this.key = about.key;
    this.isDirectory = about.isDirectory;
  }

  /** Its attributes have been asked for, and are these. */
  see(attributes: FileAttributes): void {
    const seen = this.#seen;
    this.#seen = attributes;
    if (seen === undefined) return;
    const isSame =
      seen.size === attributes.size &&
      isSameTime(seen.modified, attributes.modified) &&
      isSameTime(seen.changed, attributes.changed);
    if (!isSame) this.version++;
  }
}

function isSameTime(one: FileTime, other: FileTime): boolean {
  return one.seconds === other.seconds && one.nanoseconds === other.nanoseconds;
}

/**
 * Which node is which file. A path is names with one slash between them, in bytes as latin-1; no name at all is the root.
 *
 * A file with several names is one node, so that the kernel keeps its bytes once. A directory that is seen in two places is
 * two nodes, since the kernel would take one for moved.
 */
export class NodeTable {
  readonly root = new Node({ id: ROOT_ID, key: "", isDirectory: true });
  readonly #byId = new Map<number, Node>([[ROOT_ID, this.root]]);
  /** Files that have a name, but no directories. */
  readonly #byKey = new Map<string, Node>();
  #lastId = ROOT_ID;

  get size(): number {
    return this.#byId.size;
  }

  /** Undefined for a number that the kernel should not have. */
  get(id: number): Node | undefined {
    return this.#byId.get(id);
  }

  /** A path that leads to it; undefined when it has no name any more. */
  pathOf(node: Node): string | undefined {
    if (node === this.root) return "";
    const parts: string[] = [];
    for (let at = node; at !== this.root; ) {
      const first = at.names[0];
      if (first === undefined) return undefined;
      parts.push(first.name);
      at = first.parent;
    }
    return parts.reverse().join("/");
  }

  /** Undefined when the directory has no path any more. */
  pathIn(parent: Node, name: string): string | undefined {
    const path = this.pathOf(parent);
    if (path === undefined) return undefined;
    return path === "" ? name : `${path}/${name}`;
  }

  /** Whether attributes are those of this very file. */
  is(node: Node, attributes: FileAttributes): boolean {
    return node === this.root || node.key === keyOf(attributes);
  }

  /** What the kernel is told of a name from now on: counted as one lookup. */
  found(parent: Node, name: string, attributes: FileAttributes): Node {
    const node = this.#nodeAt(parent, name, attributes);
    node.see(attributes);
    node.lookups++;
    return node;
  }

  /** The pod has no such name any more, or none of that file. */
  removed(parent: Node, name: string): void {
    const node = parent.children.get(name);
    if (node === undefined) return;
    parent.children.delete(name);
    const at = node.names.findIndex((one) => one.parent === parent && one.name === name);
    if (at >= 0) node.names.splice(at, 1);
    if (node.names.length === 0 && this.#byKey.get(node.key) === node) this.#byKey.delete(node.key);
  }

  /** A name has become another one, whatever that was before. */
  renamed(from: { parent: Node; name: string }, to: { parent: Node; name: string }): void {
    const node = from.parent.children.get(from.name);
    if (node === to.parent.children.get(to.name)) return; // Two names of one file: rename(2) leaves both.
    this.removed(from.parent, from.name);
    this.removed(to.parent, to.name);
    if (node !== undefined) this.#name(node, to.parent, to.name);
  }

  /** Two names have changed places. */
  exchanged(one: { parent: Node; name: string }, other: { parent: Node; name: string }): void {
    const [first, second] = [one.parent.children.get(one.name), other.parent.children.get(other.name)];
    if (first === second) return;
    this.removed(one.parent, one.name);
    this.removed(other.parent, other.name);
    if (first !== undefined) this.#name(first, other.parent, other.name);
    if (second !== undefined) this.#name(second, one.parent, one.name);
  }

  /** The kernel has forgotten so many lookups. */
  forget(id: number, lookups: number): void {
    const node = this.#byId.get(id);
    if (node === undefined || node === this.root) return;
    node.lookups -= lookups;
    if (node.lookups > 0) return;
    this.#byId.delete(id);
    for (const { parent, name } of [...node.names]) this.removed(parent, name);
  }

  #nodeAt(parent: Node, name: string, attributes: FileAttributes): Node {
    const key = keyOf(attributes);
    const known = parent.children.get(name);
    if (known?.key === key) return known;
    this.removed(parent, name);
    const isDirectory = (attributes.mode & KIND) === DIRECTORY;
    const same = isDirectory ? undefined : this.#byKey.get(key);
    const node = same ?? new Node({ id: ++this.#lastId, key, isDirectory });
    this.#byId.set(node.id, node);
    this.#name(node, parent, name);
    return node;
  }

  #name(node: Node, parent: Node, name: string): void {
    parent.children.set(name, node);
    node.names.unshift({ parent, name });
    if (!node.isDirectory) this.#byKey.set(node.key, node);
  }
}

/** The kind is part of it: an inode's number may be used again. */
function keyOf({ device, inode, mode }: FileAttributes): string {
  return `${device.major}:${device.minor}:${inode}:${mode & KIND}`;
}
