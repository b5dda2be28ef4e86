import { ProtocolError } from "../errors.ts";
import { ByteReader } from "./byte-reader.ts";
import { askOfCode, isAboutHandle } from "./file-ask.ts";
import { readChanges } from "./file-changes.ts";
import {
  type FileAsk,
  type FileQuestion,
  MAX_FILE_DATA_BYTES,
  MAX_FILE_PATH_BYTES,
} from "./file-question.ts";

/** What of a question must be known to whoever hands it on. */
export interface FileQuestionHead {
  readonly id: number;
  readonly ask: FileAsk;
  /** Null when it is about a path. */
  readonly handle: number | null;
}

/** `frame` is what a `FileFrameReader` gave. @throws ProtocolError `bad-payload` */
export function decodeFileQuestionHead(frame: Uint8Array): FileQuestionHead {
  return readHead(new ByteReader(frame));
}

/** `frame` is what a `FileFrameReader` gave; the question's bytes are views of it. @throws ProtocolError `bad-payload` */
export function decodeFileQuestion(frame: Uint8Array): { id: number; question: FileQuestion } {
  const from = new ByteReader(frame);
  const { id, ask, handle } = readHead(from);
  const question = handle === null ? readAboutPath(from, ask) : readAboutHandle(from, ask, handle);
  from.end();
  return { id, question };
}

function readHead(from: ByteReader): FileQuestionHead {
  const id = from.u32();
  const code = from.u8();
  const ask = askOfCode(code);
  if (ask === undefined)
    throw new ProtocolError("bad-payload", `no question about files has the number ${code}`);
  return { id, ask, handle: isAboutHandle(code) ? from.u32() : null };
}

function readAboutPath(from: ByteReader, ask: FileAsk): FileQuestion {
  if (ask === "cancel") return { ask, id: from.u32() };
  const path = readPath(from);
  switch (ask) {
    case "open":
      return { ask, path, flags: from.u32(), mode: from.u32(), firstBytes: dataLength(from) };
    case "open-directory":
      return { ask, path, maxBytes: dataLength(from) };
    case "make-directory":
    case "access":
      return { ask, path, mode: from.u32() };
    case "rename":
      return { ask, path, to: readPath(from), flags: from.u32() };
    case "link":
      return { ask, path, to: readPath(from) };
    case "make-link":
      return { ask, path, target: readTarget(from) };
    case "change":
      return { ask, path, changes: readChanges(from) };
    case "look-up":
    case "walk":
    case "read-link":
    case "remove-directory":
    case "unlink":
    case "space":
      return { ask, path };
    default:
      throw new ProtocolError("bad-payload", `${ask} is not about a path`);
  }
}

function readAboutHandle(from: ByteReader, ask: FileAsk, handle: number): FileQuestion {
  switch (ask) {
    case "read":
      return { ask, handle, offset: from.size(), length: dataLength(from) };
    case "write":
      return { ask, handle, offset: from.size(), append: from.flag(), data: readData(from) };
    case "sync":
      return { ask, handle, dataOnly: from.flag() };
    case "read-directory":
      return { ask, handle, after: from.u64(), maxBytes: dataLength(from) };
    case "change-open":
      return { ask, handle, changes: readChanges(from) };
    case "seek":
      return { ask, handle, offset: from.size(), to: from.flag() ? "hole" : "data" };
    case "allocate":
      return { ask, handle, mode: from.u32(), offset: from.size(), length: from.size() };
    case "close":
    case "flush":
    case "status":
      return { ask, handle };
    default:
      throw new ProtocolError("bad-payload", `${ask} is not about a handle`);
  }
}

const SLASH = 0x2f;

/** Names that say where they are: whoever gets the path need not think of `..`. */
function readPath(from: ByteReader): Buffer {
  const path = from.shortBytes();
  if (path.length > MAX_FILE_PATH_BYTES) fail("is too long");
  if (path.length === 0) return path;
  let start = 0;
  for (let at = 0; at <= path.length; at++) {
    const byte = at === path.length ? SLASH : path[at];
    if (byte === 0) fail("has a NUL");
    if (byte !== SLASH) continue;
    const name = path.subarray(start, at);
    const isDots = (name.length === 1 || name.length === 2) && name.every((dot) => dot === 0x2e);
    if (name.length === 0 || isDots) fail("has a name that leads elsewhere");
    start = at + 1;
  }
  return path;
}

function readTarget(from: ByteReader): Buffer {
  const target = from.shortBytes();
  if (target.length > MAX_FILE_PATH_BYTES) fail("is too long");
  if (target.includes(0)) fail("has a NUL");
  return target;
}

function dataLength(from: ByteReader): number {
  const length = from.u32();
  if (length > MAX_FILE_DATA_BYTES)
    throw new ProtocolError("bad-payload", "too many bytes of a file at once");
  return length;
}

function readData(from: ByteReader): Buffer {
  const data = from.longBytes();
  if (data.length > MAX_FILE_DATA_BYTES)
    throw new ProtocolError("bad-payload", "too many bytes of a file at once");
  return data;
}

function fail(what: string): never {
  throw new ProtocolError("bad-payload", `a path ${what}`);
}
