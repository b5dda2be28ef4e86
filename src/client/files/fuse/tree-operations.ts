import { type FileAttributes, type FileChanges, OpenFlag } from "../../../protocol/index.ts";
import { FilesError } from "../files-error.ts";
import { fuseAttributes, fuseEntry, fuseSpace } from "./fuse-reply.ts";
import type { FuseAsk } from "./fuse-request.ts";
import { bytesOf, type MountedTree, VALID_MS } from "./mounted-tree.ts";
import type { Node } from "./node-table.ts";
import { podOwner } from "./owner-view.ts";

type Ask<Op extends FuseAsk["op"]> = Extract<FuseAsk, { op: Op }>;

/** What of a request is not in its ask. */
export interface About {
  readonly tree: MountedTree;
  readonly node: Node;
  /** Nobody waits for it any more. */
  readonly signal: AbortSignal;
}

const KIND = 0o170000;
const REGULAR = 0o100000;
const RENAME_EXCHANGE = 2;

/** What these answer is the reply's parts. All throw FilesError. */
export async function lookup({ tree, node, signal }: About, { name }: Ask<"lookup">): Promise<Buffer[]> {
  const path = tree.pathIn(node, name);
  const { attributes, validMs } = tree.isAbsent(path) ? NONE : await attributesAt({ tree, signal }, path);
  if (attributes === null) {
    tree.nodes.removed(node, name);
    return [fuseEntry(0, null, validMs)];
  }
  return [fuseEntry(tree.nodes.found(node, name, attributes).id, tree.shown(attributes), validMs)];
}

const NONE = { attributes: null, validMs: VALID_MS };

/** Null when there is nothing; and how long that may be believed. */
async function attributesAt(
  { tree, signal }: Pick<About, "tree" | "signal">,
  path: string,
): Promise<{ attributes: FileAttributes | null; validMs: number }> {
  const known = await tree.walks.take(path);
  if (known?.errno === null) return { attributes: known.found.attributes, validMs: known.validMs };
  if (known?.errno === "ENOENT") return { attributes: null, validMs: known.validMs };
  try {
    const { attributes } = await tree.files.ask({ ask: "look-up", path: bytesOf(path) }, { signal });
    return { attributes, validMs: VALID_MS };
  } catch (error) {
    if (error instanceof FilesError && error.errno === "ENOENT") return NONE;
    throw error;
  }
}

export async function getattr({ tree, node, signal }: About): Promise<Buffer[]> {
  const open = tree.open.ofNode(node);
  const { attributes } =
    open === undefined
      ? await tree.files.ask({ ask: "look-up", path: bytesOf(tree.path(node)) }, { signal })
      : await tree.files.ask({ ask: "status", handle: open.handle }, { signal });
  return [shownAttributes(tree, node, attributes)];
}

export async function setattr(
  { tree, node, signal }: About,
  { handle, changes: asked }: Ask<"setattr">,
): Promise<Buffer[]> {
  const path = tree.nodes.pathOf(node);
  if (path !== undefined) tree.checkMayChange(path);
  const changes: FileChanges = { ...asked, ...podOwner(tree.owners, asked) };
  // What is open stays the same file, whatever its name leads to by now; but who may cut it, the path decides.
  const open = handle === null ? tree.open.ofNode(node) : tree.open.file(handle);
  const isByHandle = open !== undefined && (handle !== null || changes.size === null || path === undefined);
  node.version++;
  const { attributes } = isByHandle
    ? await tree.files.ask({ ask: "change-open", handle: open.handle, changes }, { signal })
    : await tree.files.ask({ ask: "change", path: bytesOf(tree.path(node)), changes }, { signal });
  tree.walks.changed();
  return [shownAttributes(tree, node, attributes)];
}

export async function readlink({ tree, node, signal }: About): Promise<Buffer[]> {
  const { target } = await tree.files.ask({ ask: "read-link", path: bytesOf(tree.path(node)) }, { signal });
  return [target];
}

export async function symlink(about: About, { name, target }: Ask<"symlink">): Promise<Buffer[]> {
  return await make(about, name, (path) =>
    about.tree.files.ask({ ask: "make-link", path, target }, { signal: about.signal }),
  );
}

export async function mkdir(about: About, { name, mode }: Ask<"mkdir">): Promise<Buffer[]> {
  return await make(about, name, (path) =>
    about.tree.files.ask({ ask: "make-directory", path, mode }, { signal: about.signal }),
  );
}

/** Regular files only: a FIFO or a device here would not be the pod's. @throws FilesError `EPERM` as mknod(2) says */
export async function mknod(about: About, { name, mode }: Ask<"mknod">): Promise<Buffer[]> {
  if ((mode & KIND) !== REGULAR && (mode & KIND) !== 0) throw new FilesError("EPERM");
  const { files } = about.tree;
  const flags = OpenFlag.create | OpenFlag.exclusive | OpenFlag.write;
  return await make(about, name, async (path) => {
    const { handle, attributes } = await files.ask(
      { ask: "open", path, flags, mode, firstBytes: 0 },
      { signal: about.signal },
    );
    files.ask({ ask: "close", handle }).catch(() => {}); // Nothing was written.
    return { attributes };
  });
}

export async function link({ tree, node, signal }: About, ask: Ask<"link">): Promise<Buffer[]> {
  const of = tree.node(ask.of);
  const from = tree.path(of);
  tree.checkMayChange(from);
  return await make({ tree, node, signal }, ask.name, (to) =>
    tree.files.ask({ ask: "link", path: bytesOf(from), to }, { signal }),
  );
}

async function make(
  { tree, node }: About,
  name: string,
  ask: (path: Buffer) => Promise<{ attributes: FileAttributes }>,
): Promise<Buffer[]> {
  const path = tree.pathIn(node, name);
  tree.checkMayChange(path);
  const { attributes } = await ask(bytesOf(path));
  tree.walks.changed();
  return [entry(tree, tree.nodes.found(node, name, attributes), attributes)];
}

export async function unlink(about: About, { name }: Ask<"unlink">): Promise<Buffer[]> {
  return await remove(about, "unlink", name);
}

export async function rmdir(about: About, { name }: Ask<"rmdir">): Promise<Buffer[]> {
  return await remove(about, "remove-directory", name);
}

async function remove(
  { tree, node, signal }: About,
  ask: "unlink" | "remove-directory",
  name: string,
): Promise<Buffer[]> {
  const path = tree.pathIn(node, name);
  tree.checkMayChange(path);
  await tree.files.ask({ ask, path: bytesOf(path) }, { signal });
  tree.walks.changed();
  tree.nodes.removed(node, name);
  return [];
}

export async function rename({ tree, node, signal }: About, ask: Ask<"rename">): Promise<Buffer[]> {
  const from = { parent: node, name: ask.name };
  const to = { parent: tree.node(ask.toParent), name: ask.toName };
  const [path, toPath] = [tree.pathIn(from.parent, from.name), tree.pathIn(to.parent, to.name)];
  tree.checkMayChange(path);
  tree.checkMayChange(toPath);
  const { flags } = ask;
  await tree.files.ask({ ask: "rename", path: bytesOf(path), to: bytesOf(toPath), flags }, { signal });
  tree.walks.changed();
  if ((flags & RENAME_EXCHANGE) === 0) tree.nodes.renamed(from, to);
  else tree.nodes.exchanged(from, to);
  return [];
}

export async function access({ tree, node, signal }: About, { mode }: Ask<"access">): Promise<Buffer[]> {
  await tree.files.ask({ ask: "access", path: bytesOf(tree.path(node)), mode: mode & 7 }, { signal });
  return [];
}

export async function statfs({ tree, node, signal }: About): Promise<Buffer[]> {
  return [fuseSpace(await tree.files.ask({ ask: "space", path: bytesOf(tree.path(node)) }, { signal }))];
}

/** An entry of the answer's node, which is counted as looked up. */
export function entry(tree: MountedTree, node: Node, attributes: FileAttributes): Buffer {
  return fuseEntry(node.id, tree.shown(attributes), VALID_MS);
}

function shownAttributes(tree: MountedTree, node: Node, attributes: FileAttributes): Buffer {
  return fuseAttributes(tree.shown(tree.see(node, attributes)), VALID_MS);
}
