import { closeSync, constants, fdatasyncSync, fsyncSync, ftruncateSync, readSync, writeSync } from "node:fs";
import { FileKind, files, type FileStatus, KernelError, type NameIn } from "../../kernel/files/index.ts";
import {
  type DirectoryEntry,
  type FileAnswers,
  type FileChanges,
  type FileQuestion,
  OpenFlag,
} from "../../protocol/files/index.ts";
import type { Answer, Place } from "./answer-file-question.ts";
import { FileRefusal } from "./file-refusal.ts";
import { withDescriptor, withParent } from "./place-of-path.ts";
import { change } from "./tree-questions.ts";

const { O_RDONLY, O_WRONLY, O_RDWR, O_CREAT, O_EXCL, O_TRUNC } = constants;
const { O_NOFOLLOW, O_DIRECTORY, O_SYNC, O_NONBLOCK } = constants;
/** How often a file may be gone between the look that found it and the one that opens it. */
const MAX_TURNS = 16;

type Question<Ask extends FileQuestion["ask"]> = Extract<FileQuestion, { ask: Ask }>;

/** Opens a regular file and nothing else; what is no such file is not touched. The caller closes the descriptor. */
export function openFile(
  place: Place,
  question: Question<"open">,
  handle: number,
): { descriptor: number; answer: FileAnswers["open"] } {
  const descriptor = openRegular(place, question);
  try {
    const attributes = files.statusOf(descriptor);
    const wantsData = question.firstBytes > 0 && (question.flags & OpenFlag.read) !== 0;
    const data = wantsData ? wholeOf(descriptor, question.firstBytes, attributes.size) : null;
    return { descriptor, answer: { handle, attributes, data } };
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

function openRegular(place: Place, { path, flags, mode }: Question<"open">): number {
  const changes = (flags & (OpenFlag.write | OpenFlag.truncate)) !== 0;
  const creates = (flags & OpenFlag.create) !== 0;
  for (let turn = 1; ; turn++) {
    if (creates && place.writes) {
      const fresh = withParent(place.root, path, (at) => create(place, at, { flags, mode }));
      if (fresh !== undefined) return fresh;
    }
    try {
      return openThere(place, path, { flags, changes });
    } catch (error) {
      if (!creates || !(error instanceof KernelError) || error.code !== "ENOENT") throw error;
      if (!place.writes) throw new FileRefusal("EROFS");
      if (turn === MAX_TURNS) throw error;
    }
  }
}

/** Undefined when the name is taken, and that is no failure. */
function create(
  { owner, hasExactModes }: Place,
  { directory, name }: NameIn,
  { flags, mode }: { flags: number; mode: number },
): number | undefined {
  let descriptor: number;
  try {
    const how = O_CREAT | O_EXCL | O_NOFOLLOW | accessOf(flags);
    descriptor = files.openInRoot(directory, name, how, mode & 0o7777);
  } catch (error) {
    const isTaken = error instanceof KernelError && error.code === "EEXIST";
    if (!isTaken || (flags & OpenFlag.exclusive) !== 0) throw error;
    return undefined;
  }
  const status = files.statusOf(descriptor);
  const missing = mode & 0o777 & ~status.mode;
  if (!hasExactModes && missing !== 0) files.changeMode(descriptor, (status.mode & 0o7777) | missing);
  if (owner !== null) giveAway(descriptor, owner);
  return descriptor;
}

/** Where the agent may not, the file stays its own user's. */
function giveAway(descriptor: number, { user, group }: { user: number; group: number }): void {
  try {
    files.changeOwner(descriptor, user, group);
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
  }
}

function openThere(
  place: Place,
  path: Buffer,
  { flags, changes }: { flags: number; changes: boolean },
): number {
  const follows = (flags & OpenFlag.follow) !== 0;
  const found = files.openInRoot(place.root, path, files.O_PATH | (follows ? 0 : O_NOFOLLOW));
  return withDescriptor(found, (found) => {
    const kind = files.statusOf(found).mode & FileKind.mask;
    if (kind !== FileKind.regular) throw new FileRefusal(REFUSALS.get(kind) ?? "EACCES");
    if (changes && !place.writes) throw new FileRefusal("EROFS");
    return files.reopen(found, accessOf(flags) | ((flags & OpenFlag.truncate) === 0 ? 0 : O_TRUNC));
  });
}

/** How whatever is no regular file is refused: as the kernel would, or would where it stands in our way. */
const REFUSALS = new Map<number, string>([
  [FileKind.link, "ELOOP"],
  [FileKind.directory, "EISDIR"],
  [FileKind.socket, "ENXIO"],
  [FileKind.fifo, "ENXIO"],
]);

/** Some files of /proc would wait for what is to come: O_NONBLOCK, which others do not heed, keeps them from it. */
function accessOf(flags: number): number {
  const how = O_NONBLOCK | ((flags & OpenFlag.sync) === 0 ? 0 : O_SYNC);
  if ((flags & OpenFlag.write) === 0) return O_RDONLY | how;
  return ((flags & OpenFlag.read) === 0 ? O_WRONLY : O_RDWR) | how;
}

/** Null when there is more. A file of /proc and its like says that it is empty and is not. */
function wholeOf(descriptor: number, maxBytes: number, size: number): Buffer | null {
  if (size > maxBytes) return null;
  const bytes = Buffer.allocUnsafeSlow(maxBytes + 1);
  const count = read(descriptor, bytes, 0);
  return count > maxBytes ? null : bytes.subarray(0, count);
}

/** Opens a directory, with its first entries. The caller closes the descriptor. */
export function openDirectory(
  place: Place,
  { path, maxBytes }: Question<"open-directory">,
  handle: number,
): { descriptor: number; answer: FileAnswers["open-directory"] } {
  const flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;
  const descriptor = files.openInRoot(place.root, path, flags);
  try {
    const attributes = files.statusOf(descriptor);
    const entries = entriesOf(descriptor, 0n, maxBytes);
    return { descriptor, answer: { handle, attributes, entries } };
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

/** Bytes of an entry as the kernel gives it and of its answer, at the least: how one size makes the other. */
const ANSWER_PER_ENTRY_BYTES = 6;
const MIN_ENTRIES_BYTES = 1024;
const MAX_ENTRIES_BYTES = 32 * 1024;

function entriesOf(directory: number, after: bigint, maxBytes: number): DirectoryEntry[] {
  files.seekDirectory(directory, after);
  const size = Math.max(
    MIN_ENTRIES_BYTES,
    Math.min(MAX_ENTRIES_BYTES, Math.floor(maxBytes / ANSWER_PER_ENTRY_BYTES)),
  );
  const found = files.nextEntries(directory, Buffer.allocUnsafe(size));
  return found.map((entry) => ({ ...entry, attributes: attributesAt(directory, entry.name) }));
}

/** Null for what is gone meanwhile, or not for our eyes; and for `..`, which from the root leads out of it. */
function attributesAt(directory: number, name: Buffer): DirectoryEntry["attributes"] {
  if (name.length === 2 && name.every((byte) => byte === 0x2e)) return null;
  try {
    return files.statusAt(directory, name);
  } catch (error) {
    if (error instanceof KernelError) return null;
    throw error;
  }
}

/** Fills as much as there is; less only where the file ends. */
export function read(descriptor: number, into: Buffer, offset: number): number {
  let count = 0;
  while (count < into.length) {
    const more = readSync(descriptor, into, count, into.length - count, offset + count);
    if (more === 0) break;
    count += more;
  }
  return count;
}

/** Answers what is asked about something open, but for `read`. @throws KernelError, FileRefusal, Node's errors */
export function answer(descriptor: number, question: FileQuestion & { handle: number }): Answer {
  switch (question.ask) {
    case "write":
      return { written: write(descriptor, question) };
    case "flush":
      // Closing a copy says what closing would, and the file stays open.
      files.closeFile(files.duplicate(descriptor));
      return {};
    case "sync":
      if (question.dataOnly) fdatasyncSync(descriptor);
      else fsyncSync(descriptor);
      return {};
    case "read-directory":
      return { entries: entriesOf(descriptor, question.after, question.maxBytes) };
    case "status":
      return { attributes: files.statusOf(descriptor) };
    case "change-open":
      return { attributes: changeOpen(descriptor, question.changes) };
    case "seek":
      return { offset: files.seek(descriptor, question.offset, question.to) };
    case "allocate":
      files.allocate(descriptor, question);
      return {};
    case "close":
      files.closeFile(descriptor);
      return {};
    default:
      throw new FileRefusal("EINVAL");
  }
}

/** Who has opened a file for writing may cut it, whatever its mode says by now. */
function changeOpen(descriptor: number, { size, ...changes }: FileChanges): FileStatus {
  if (size !== null) ftruncateSync(descriptor, size);
  return change(descriptor, { size: null, ...changes });
}

/** Writes all of it, or what there was room for: an error behind that is told by the next write. */
function write(descriptor: number, { data, offset, append }: Question<"write">): number {
  let count = 0;
  try {
    while (count < data.length) {
      const rest = data.subarray(count);
      count += append
        ? files.append(descriptor, rest)
        : writeSync(descriptor, rest, 0, rest.length, offset + count);
    }
  } catch (error) {
    if (count === 0) throw error;
  }
  return count;
}
