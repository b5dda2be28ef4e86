import type { DirectoryEntry } from "../../../protocol/index.ts";
import { FilesError } from "../files-error.ts";
import { FuseEntries, fuseOpened, type ShownEntry } from "./fuse-reply.ts";
import type { FuseAsk } from "./fuse-request.ts";
import { bytesOf, type MountedTree, VALID_MS } from "./mounted-tree.ts";
import type { Node } from "./node-table.ts";
import type { OpenDirectory } from "./open-files.ts";
import type { About } from "./tree-operations.ts";

type Ask<Op extends FuseAsk["op"]> = Extract<FuseAsk, { op: Op }>;

/** So much of a directory is asked for at once: some hundred entries. */
const PART_BYTES = 128 * 1024;
/** With more nodes than this entries are told without: what nobody looks at needs none. */
const MANY_NODES = 100_000;

/** What these answer is the reply's parts. All throw FilesError. */
export async function opendir({ tree, node, signal }: About): Promise<Buffer[]> {
  const path = bytesOf(tree.path(node));
  const opened = await tree.files.ask({ ask: "open-directory", path, maxBytes: PART_BYTES }, { signal });
  const { handle, entries } = opened;
  return [
    fuseOpened(tree.open.addDirectory({ node, handle, part: { after: 0n, entries }, hasBegun: false }), 0),
  ];
}

export async function readdir({ tree, signal }: About, ask: Ask<"readdir">): Promise<Buffer[]> {
  const directory = tree.open.directory(ask.handle);
  if (directory === undefined) throw new FilesError("EBADF");
  const told = new FuseEntries(ask.size);
  for (const entry of await shownBehind({ tree, signal }, directory, ask.after)) {
    if (!told.hasRoomFor(entry.name, ask.withNodes)) break;
    tell(tree, directory.node, { entry, told, withNodes: ask.withNodes });
  }
  return [told.written()];
}

/** None at the end. */
async function shownBehind(
  asker: Pick<About, "tree" | "signal">,
  directory: OpenDirectory,
  after: bigint,
): Promise<readonly DirectoryEntry[]> {
  const { nodes } = asker.tree;
  for (let from = after; ; ) {
    const entries = await entriesBehind(asker, directory, from);
    const path = nodes.pathOf(directory.node);
    const shown = entries.filter(({ name }) => !isHidden(asker.tree, path, name));
    const last = entries.at(-1);
    if (shown.length > 0 || last === undefined) return shown;
    // All of them are hidden, and that must not look like the end.
    from = last.cookie;
  }
}

/** What is here already, or the next part. A reader that starts again gets what is there then. */
async function entriesBehind(
  { tree, signal }: Pick<About, "tree" | "signal">,
  directory: OpenDirectory,
  after: bigint,
): Promise<readonly DirectoryEntry[]> {
  const known = after === 0n && directory.hasBegun ? undefined : behind(directory.part, after);
  directory.hasBegun = true;
  if (known !== undefined) return known;
  const { handle } = directory;
  const question = { ask: "read-directory", handle, after, maxBytes: PART_BYTES } as const;
  const { entries } = await tree.files.ask(question, { signal });
  directory.part = { after, entries };
  return entries;
}

/** Undefined when what is behind that place is not known. */
function behind(
  { after, entries }: OpenDirectory["part"],
  place: bigint,
): readonly DirectoryEntry[] | undefined {
  if (after === place) return entries;
  const at = entries.findIndex(({ cookie }) => cookie === place);
  return at < 0 || at === entries.length - 1 ? undefined : entries.slice(at + 1);
}

function isHidden(tree: MountedTree, path: string | undefined, name: Buffer): boolean {
  if (path === undefined || isDots(name)) return false;
  const text = name.toString("latin1");
  return tree.isAbsent(path === "" ? text : `${path}/${text}`);
}

function tell(
  tree: MountedTree,
  parent: Node,
  { entry, told, withNodes }: { entry: DirectoryEntry; told: FuseEntries; withNodes: boolean },
): void {
  const { name, attributes } = entry;
  const inode = attributes === null ? entry.inode : tree.shownInode(attributes);
  const shown: ShownEntry = { ...entry, inode };
  if (!withNodes) return told.add(shown);
  const hasNode = attributes !== null && !isDots(name) && tree.nodes.size < MANY_NODES;
  if (!hasNode) return told.add(shown, null);
  const node = tree.nodes.found(parent, name.toString("latin1"), attributes);
  told.add(shown, { id: node.id, attributes: tree.shown(attributes), validMs: VALID_MS });
}

function isDots(name: Buffer): boolean {
  return name.length <= 2 && name.every((byte) => byte === 0x2e);
}
