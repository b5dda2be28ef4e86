import { constants } from "node:fs";
import { MAX_FILE_DATA_BYTES, type OpenedFile, OpenFlag } from "../../../protocol/index.ts";
import { FilesError } from "../files-error.ts";
import { fuseOffset, fuseOpened, fuseWritten, OpenReply } from "./fuse-reply.ts";
import type { FuseAsk } from "./fuse-request.ts";
import { bytesOf, type MountedTree, VALID_MS } from "./mounted-tree.ts";
import type { Node } from "./node-table.ts";
import type { OpenFile } from "./open-files.ts";
import { ReadAhead } from "./read-ahead.ts";
import { type About, entry } from "./tree-operations.ts";

type Ask<Op extends FuseAsk["op"]> = Extract<FuseAsk, { op: Op }>;

/** A file of at most this size comes with the answer that opens it. */
const FIRST_BYTES = 64 * 1024;
const { O_WRONLY, O_RDWR, O_TRUNC, O_EXCL, O_APPEND, O_SYNC, O_DSYNC } = constants;
const O_ACCMODE = 3;
/** Of lseek(2); the others never reach a file system. */
const SEEK_DATA = 3;

/** What these answer is the reply's parts. All throw FilesError. */
export async function open({ tree, node, signal }: About, { flags }: Ask<"open">): Promise<Buffer[]> {
  const path = tree.path(node);
  const wanted = flagsOf(flags);
  if ((wanted & (OpenFlag.write | OpenFlag.truncate)) !== 0) tree.checkMayChange(path);
  const opened = await askOpen({ tree, signal }, path, { flags: wanted, mode: 0 });
  try {
    tree.see(node, opened.attributes);
  } catch (error) {
    close(tree, opened.handle);
    throw error;
  }
  if ((wanted & OpenFlag.truncate) !== 0) changed(tree, node);
  return [openReply(tree, node, { opened, flags: wanted, isNew: false })];
}

/** Makes the file, or opens one that is there already. */
export async function create(about: About, { name, flags, mode }: Ask<"create">): Promise<Buffer[]> {
  const { tree, node: parent, signal } = about;
  const path = tree.pathIn(parent, name);
  tree.checkMayChange(path);
  const wanted = flagsOf(flags) | OpenFlag.create | ((flags & O_EXCL) === 0 ? 0 : OpenFlag.exclusive);
  const opened = await askOpen({ tree, signal }, path, { flags: wanted, mode });
  tree.walks.changed();
  const node = tree.nodes.found(parent, name, opened.attributes);
  if ((wanted & OpenFlag.truncate) !== 0) changed(tree, node);
  const reply = openReply(tree, node, { opened, flags: wanted, isNew: true });
  return [entry(tree, node, opened.attributes), reply];
}

async function askOpen(
  { tree, signal }: Pick<About, "tree" | "signal">,
  path: string,
  { flags, mode }: { flags: number; mode: number },
): Promise<OpenedFile> {
  const isOnlyRead = (flags & OpenFlag.write) === 0;
  const firstBytes = isOnlyRead ? FIRST_BYTES : 0;
  return await tree.files.ask({ ask: "open", path: bytesOf(path), flags, mode, firstBytes }, { signal });
}

/** The kernel sends O_CREAT and O_EXCL to nobody but `create`, and never a link to follow. */
function flagsOf(flags: number): number {
  const access = flags & O_ACCMODE;
  return (
    (access === O_WRONLY ? OpenFlag.write : OpenFlag.read) |
    (access === O_RDWR ? OpenFlag.write : 0) |
    ((flags & O_TRUNC) === 0 ? 0 : OpenFlag.truncate) |
    ((flags & (O_SYNC | O_DSYNC)) === 0 ? 0 : OpenFlag.sync)
  );
}

function openReply(
  tree: MountedTree,
  node: Node,
  { opened, flags, isNew }: { opened: OpenedFile; flags: number; isNew: boolean },
): Buffer {
  const { handle, attributes, data } = opened;
  const read = async (offset: number, length: number, signal?: AbortSignal): Promise<Buffer> =>
    (await tree.files.ask({ ask: "read", handle, offset, length }, { signal })).data;
  const isWritable = (flags & OpenFlag.write) !== 0;
  const file: OpenFile = {
    node,
    handle,
    isWritable,
    ahead: new ReadAhead({ read, version: () => node.version }),
    first: data === null ? null : { data, version: node.version, untilMs: performance.now() + VALID_MS },
    hasWritten: false,
  };
  // A file of /proc or its like says that it is empty, and the kernel would believe it.
  const isLive = !isNew && data !== null && data.length > attributes.size;
  const how = (isLive ? OpenReply.directIo : 0) | (isWritable ? 0 : OpenReply.noFlush);
  return fuseOpened(tree.open.add(file), how);
}

export async function read({ tree, signal }: About, ask: Ask<"read">): Promise<Buffer[]> {
  const file = openFile(tree, ask.handle);
  const length = Math.min(ask.size, MAX_FILE_DATA_BYTES);
  const { first } = file;
  if (first !== null) {
    if (first.version === file.node.version && first.untilMs >= performance.now())
      return [first.data.subarray(ask.offset, ask.offset + length)];
    file.first = null;
  }
  return [await file.ahead.read(ask.offset, length, signal)];
}

export async function write({ tree, signal }: About, ask: Ask<"write">): Promise<Buffer[]> {
  const file = openFile(tree, ask.handle);
  const { offset, data } = ask;
  file.hasWritten = true;
  changed(tree, file.node);
  // What comes of the page cache has its place already; what is written at the end has it where the pod's end is.
  const append = !ask.isFromCache && (ask.flags & O_APPEND) !== 0;
  const { handle } = file;
  const { written } = await tree.files.ask({ ask: "write", handle, offset, append, data }, { signal });
  changed(tree, file.node);
  return [fuseWritten(written)];
}

/** close(2) of the program waits for it. When nothing was written there is nothing to be heard of. */
export async function flush({ tree, signal }: About, ask: Ask<"flush">): Promise<Buffer[]> {
  const file = openFile(tree, ask.handle);
  if (!file.hasWritten) return [];
  file.hasWritten = false;
  await tree.files.ask({ ask: "flush", handle: file.handle }, { signal });
  return [];
}

/** Nobody waits for it. */
export function release(tree: MountedTree, { handle }: Ask<"release" | "releasedir">): void {
  const open = tree.open.remove(handle);
  if (open !== undefined) close(tree, open.handle);
}

export async function fsync(
  { tree, signal }: About,
  { handle, dataOnly }: Ask<"fsync" | "fsyncdir">,
): Promise<Buffer[]> {
  const open = tree.open.file(handle) ?? tree.open.directory(handle);
  if (open === undefined) throw new FilesError("EBADF");
  await tree.files.ask({ ask: "sync", handle: open.handle, dataOnly }, { signal });
  return [];
}

export async function lseek({ tree, signal }: About, ask: Ask<"lseek">): Promise<Buffer[]> {
  const { handle } = openFile(tree, ask.handle);
  if (!Number.isSafeInteger(ask.offset)) throw new FilesError("ENXIO");
  const to = ask.whence === SEEK_DATA ? "data" : "hole";
  const { offset } = await tree.files.ask({ ask: "seek", handle, offset: ask.offset, to }, { signal });
  return [fuseOffset(offset)];
}

export async function fallocate({ tree, signal }: About, ask: Ask<"fallocate">): Promise<Buffer[]> {
  const file = openFile(tree, ask.handle);
  const { mode, offset, length } = ask;
  await tree.files.ask({ ask: "allocate", handle: file.handle, mode, offset, length }, { signal });
  changed(tree, file.node);
  return [];
}

function openFile(tree: MountedTree, number: number): OpenFile {
  const file = tree.open.file(number);
  if (file === undefined) throw new FilesError("EBADF");
  return file;
}

/** What was read of it ahead, or told of it, does not count any more. */
function changed(tree: MountedTree, node: Node): void {
  node.version++;
  tree.walks.changed();
}

/** What writing met was told before, by `flush` at the latest. */
function close(tree: MountedTree, handle: number): void {
  tree.files.ask({ ask: "close", handle }).catch(() => {});
}
