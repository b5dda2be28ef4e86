import { ByteReader } from "./byte-reader.ts";
import type {
  DirectoryEntry,
  FileAnswers,
  FileOutcome,
  FileSystemSpace,
  LookedUp,
  WalkStep,
} from "./file-answer.ts";
import { readAttributes } from "./file-attributes.ts";
import type { FileAsk } from "./file-question.ts";

/** The question that an answer belongs to. `frame` is what a `FileFrameReader` gave. @throws ProtocolError `bad-payload` */
export function fileAnswerId(frame: Uint8Array): number {
  return new ByteReader(frame).u32();
}

/** `frame` is what a `FileFrameReader` gave; the answer's bytes are views of it. @throws ProtocolError `bad-payload` */
export function decodeFileAnswer<Ask extends FileAsk>(ask: Ask, frame: Uint8Array): FileOutcome<Ask> {
  const from = new ByteReader(frame);
  from.u32();
  const errno = from.word();
  if (errno !== "") {
    from.end();
    return { errno };
  }
  // The reader of an ask gives that ask's answer, as the type of `readers` says; TypeScript does not see that both are one.
  const answer = (readers[ask] as (from: ByteReader) => FileAnswers[Ask])(from);
  from.end();
  return { errno: null, answer };
}

const nothing = (): object => ({});
const readOnlyAttributes = (from: ByteReader): FileAnswers["status"] => ({
  attributes: readAttributes(from),
});

const readers: { [Ask in Exclude<FileAsk, "cancel">]: (from: ByteReader) => FileAnswers[Ask] } & {
  cancel: (from: ByteReader) => object;
} = {
  "look-up": readLookedUp,
  walk: (from) => ({ steps: listOf(from, from.u16(), readStep) }),
  "read-link": (from) => ({ target: from.shortBytes() }),
  open: (from) => ({
    handle: from.u32(),
    attributes: readAttributes(from),
    data: from.flag() ? from.longBytes() : null,
  }),
  "open-directory": (from) => ({
    handle: from.u32(),
    attributes: readAttributes(from),
    entries: readEntries(from),
  }),
  "make-directory": readOnlyAttributes,
  "remove-directory": nothing,
  unlink: nothing,
  rename: nothing,
  link: readOnlyAttributes,
  "make-link": readOnlyAttributes,
  change: readOnlyAttributes,
  space: readSpace,
  access: nothing,
  read: (from) => ({ data: from.longBytes() }),
  write: (from) => ({ written: from.u32() }),
  close: nothing,
  flush: nothing,
  sync: nothing,
  "read-directory": (from) => ({ entries: readEntries(from) }),
  status: readOnlyAttributes,
  "change-open": readOnlyAttributes,
  seek: (from) => ({ offset: from.size() }),
  allocate: nothing,
  cancel: nothing,
};

function readLookedUp(from: ByteReader): LookedUp {
  return { attributes: readAttributes(from), target: from.flag() ? from.shortBytes() : null };
}

function readStep(from: ByteReader): WalkStep {
  const path = from.shortBytes();
  const errno = from.word();
  return errno === "" ? { path, errno: null, ...readLookedUp(from) } : { path, errno };
}

function readEntries(from: ByteReader): DirectoryEntry[] {
  return listOf(from, from.u32(), () => ({
    name: from.shortBytes(),
    inode: from.u64(),
    type: from.u8(),
    cookie: from.u64(),
    attributes: from.flag() ? readAttributes(from) : null,
  }));
}

function readSpace(from: ByteReader): FileSystemSpace {
  return {
    blockBytes: from.u32(),
    blocks: from.size(),
    free: from.size(),
    available: from.size(),
    files: from.size(),
    freeFiles: from.size(),
    maxNameBytes: from.u32(),
  };
}

/** The count is not believed: no memory is taken before the entries are there. */
function listOf<One>(from: ByteReader, count: number, read: (from: ByteReader) => One): One[] {
  const list: One[] = [];
  for (let at = 0; at < count; at++) list.push(read(from));
  return list;
}
