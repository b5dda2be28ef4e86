import type { FileAttributes } from "../../../protocol/index.ts";
import type { FileMode } from "../file-rule.ts";
import { FilesError } from "../files-error.ts";
import type { RemoteFiles } from "../remote-files.ts";
import { ExpectedWalks } from "./expected-walks.ts";
import type { ShownAttributes } from "./fuse-reply.ts";
import { InodeNumbers } from "./inode-numbers.ts";
import { type Node, NodeTable } from "./node-table.ts";
import { OpenFiles } from "./open-files.ts";
import { type OwnerView, shownOwner } from "./owner-view.ts";

/** How long the kernel may believe what it was told of a name or a file without asking again. */
export const VALID_MS = 1_000;

/** What all operations on a mount work with. */
export class MountedTree {
  readonly files: RemoteFiles;
  readonly owners: OwnerView;
  readonly nodes = new NodeTable();
  readonly open = new OpenFiles();
  readonly walks: ExpectedWalks;
  readonly #inodes = new InodeNumbers();
  readonly #modeOf: (path: string) => FileMode;

  constructor(options: {
    files: RemoteFiles;
    owners: OwnerView;
    /** Absolute paths, in bytes as latin-1. */
    modeOf: (path: string) => FileMode;
  }) {
    const { files, owners, modeOf } = options;
    this.files = files;
    this.owners = owners;
    this.#modeOf = modeOf;
    this.walks = new ExpectedWalks({
      ask: (path) => files.ask({ ask: "walk", path }),
      validMs: VALID_MS,
    });
  }

  /** @throws FilesError `ESTALE` for a node that the kernel should not have */
  node(id: number): Node {
    return this.nodes.get(id) ?? stale();
  }

  /** @throws FilesError `ESTALE` when it has no name any more; the kernel looks again then */
  path(node: Node): string {
    return this.nodes.pathOf(node) ?? stale();
  }

  /** @throws FilesError `ESTALE` when the directory has no path any more */
  pathIn(parent: Node, name: string): string {
    return this.nodes.pathIn(parent, name) ?? stale();
  }

  isAbsent(path: string): boolean {
    return this.#modeOf(`/${path}`) === "absent";
  }

  /** @throws FilesError `EROFS` where nothing may be changed */
  checkMayChange(path: string): void {
    if (this.#modeOf(`/${path}`) !== "read-write") throw new FilesError("EROFS");
  }

  /** Notes what was seen of a node. @throws FilesError `ESTALE` when it is another file by now */
  see(node: Node, attributes: FileAttributes): FileAttributes {
    if (!this.nodes.is(node, attributes)) stale();
    node.see(attributes);
    return attributes;
  }

  /** What the kernel shall show. */
  shown(attributes: FileAttributes): ShownAttributes {
    const { device, inode } = attributes;
    const owner = shownOwner(this.owners, attributes);
    return { ...attributes, ...owner, inode: this.#inodes.shown(device, inode) };
  }

  shownInode(of: { readonly device: FileAttributes["device"]; readonly inode: bigint }): bigint {
    return this.#inodes.shown(of.device, of.inode);
  }
}

/** A path as questions bear it. */
export function bytesOf(path: string): Buffer {
  return Buffer.from(path, "latin1");
}

function stale(): never {
  throw new FilesError("ESTALE");
}
