import type { FileTime } from "../../../protocol/index.ts";
import type { AskedChanges, ForgottenNode, FuseAsk, FuseRequest } from "./fuse-request.ts";

/** struct fuse_in_header. */
const HEADER_BYTES = 40;

/**
 * Reads one request as a read of the device gives it (linux/fuse.h, version 7.31 and later). The kernel is believed as far as
 * it says what it sends; what does not hold together is an error.
 * @throws RangeError
 */
export function decodeFuseRequest(bytes: Buffer): FuseRequest {
  const length = bytes.readUInt32LE(0);
  if (length !== bytes.length || length < HEADER_BYTES)
    throw new RangeError(`a request of ${bytes.length} bytes says that it has ${length}`);
  const opcode = bytes.readUInt32LE(4);
  const node = count(bytes, 16);
  return {
    unique: count(bytes, 8),
    node,
    pid: bytes.readUInt32LE(32),
    ask: readers.get(opcode)?.(bytes.subarray(HEADER_BYTES), node) ?? { op: "unknown", opcode },
  };
}

/** By opcode: what reads the rest. */
const readers = new Map<number, (body: Buffer, node: number) => FuseAsk>([
  [1, (body) => ({ op: "lookup", name: nameAt(body, 0).name })],
  [2, (body, node) => ({ op: "forget", nodes: [{ node, lookups: count(body, 0) }] })],
  [
    3,
    (body) => ({ op: "getattr", handle: (body.readUInt32LE(0) & GETATTR_FH) === 0 ? null : count(body, 8) }),
  ],
  [4, readSetattr],
  [5, () => ({ op: "readlink" })],
  [6, readSymlink],
  [8, (body) => ({ op: "mknod", mode: body.readUInt32LE(0), name: nameAt(body, 16).name })],
  [9, (body) => ({ op: "mkdir", mode: body.readUInt32LE(0), name: nameAt(body, 8).name })],
  [10, (body) => ({ op: "unlink", name: nameAt(body, 0).name })],
  [11, (body) => ({ op: "rmdir", name: nameAt(body, 0).name })],
  [12, (body) => readRename(body, 8, 0)],
  [13, (body) => ({ op: "link", of: count(body, 0), name: nameAt(body, 8).name })],
  [14, (body) => ({ op: "open", flags: body.readUInt32LE(0) })],
  [
    15,
    (body) => ({ op: "read", handle: count(body, 0), offset: count(body, 8), size: body.readUInt32LE(16) }),
  ],
  [16, readWrite],
  [17, () => ({ op: "statfs" })],
  [18, (body) => ({ op: "release", handle: count(body, 0) })],
  [20, (body) => ({ op: "fsync", handle: count(body, 0), dataOnly: isDataOnly(body) })],
  [25, (body) => ({ op: "flush", handle: count(body, 0) })],
  [26, readInit],
  [27, () => ({ op: "opendir" })],
  [28, (body) => readReaddir(body, false)],
  [29, (body) => ({ op: "releasedir", handle: count(body, 0) })],
  [30, (body) => ({ op: "fsyncdir", handle: count(body, 0), dataOnly: isDataOnly(body) })],
  [34, (body) => ({ op: "access", mode: body.readUInt32LE(0) })],
  [35, readCreate],
  [36, (body) => ({ op: "interrupt", request: count(body, 0) })],
  [38, () => ({ op: "destroy" })],
  [39, () => ({ op: "ioctl" })],
  [42, readBatchForget],
  [43, readFallocate],
  [44, (body) => readReaddir(body, true)],
  [45, (body) => readRename(body, 16, body.readUInt32LE(8))],
  [46, readLseek],
]);

const GETATTR_FH = 1;
const WRITE_CACHE = 1;
const FSYNC_FDATASYNC = 1;
const FATTR = {
  mode: 1,
  user: 2,
  group: 4,
  size: 8,
  accessed: 16,
  modified: 32,
  handle: 64,
  accessedNow: 128,
  modifiedNow: 256,
} as const;

function readInit(body: Buffer): FuseAsk {
  return {
    op: "init",
    major: body.readUInt32LE(0),
    minor: body.readUInt32LE(4),
    maxReadAhead: body.readUInt32LE(8),
    flags: body.readUInt32LE(12),
  };
}

function readSetattr(body: Buffer): FuseAsk {
  const valid = body.readUInt32LE(0);
  const has = (bit: number): boolean => (valid & bit) !== 0;
  const time = (about: {
    now: number;
    given: number;
    at: number;
    nanosecondsAt: number;
  }): AskedChanges["accessed"] => {
    if (has(about.now)) return "now";
    return has(about.given) ? timeAt(body, about) : null;
  };
  return {
    op: "setattr",
    handle: has(FATTR.handle) ? count(body, 8) : null,
    changes: {
      size: has(FATTR.size) ? count(body, 16) : null,
      accessed: time({ now: FATTR.accessedNow, given: FATTR.accessed, at: 32, nanosecondsAt: 56 }),
      modified: time({ now: FATTR.modifiedNow, given: FATTR.modified, at: 40, nanosecondsAt: 60 }),
      mode: has(FATTR.mode) ? body.readUInt32LE(68) : null,
      user: has(FATTR.user) ? body.readUInt32LE(76) : null,
      group: has(FATTR.group) ? body.readUInt32LE(80) : null,
    },
  };
}

function timeAt(body: Buffer, { at, nanosecondsAt }: { at: number; nanosecondsAt: number }): FileTime {
  return { seconds: Number(body.readBigInt64LE(at)), nanoseconds: body.readUInt32LE(nanosecondsAt) };
}

function readSymlink(body: Buffer): FuseAsk {
  const { name, end } = nameAt(body, 0);
  return { op: "symlink", name, target: body.subarray(end, endOfName(body, end)) };
}

function readRename(body: Buffer, namesAt: number, flags: number): FuseAsk {
  const { name, end } = nameAt(body, namesAt);
  return { op: "rename", toParent: count(body, 0), flags, name, toName: nameAt(body, end).name };
}

function readWrite(body: Buffer): FuseAsk {
  const size = body.readUInt32LE(16);
  const data = body.subarray(40);
  if (data.length !== size) throw new RangeError(`a write of ${size} bytes has ${data.length}`);
  return {
    op: "write",
    handle: count(body, 0),
    offset: count(body, 8),
    isFromCache: (body.readUInt32LE(20) & WRITE_CACHE) !== 0,
    flags: body.readUInt32LE(32),
    data,
  };
}

function readCreate(body: Buffer): FuseAsk {
  const { name } = nameAt(body, 16);
  return { op: "create", flags: body.readUInt32LE(0), mode: body.readUInt32LE(4), name };
}

function readReaddir(body: Buffer, withNodes: boolean): FuseAsk {
  const after = body.readBigUInt64LE(8);
  return { op: "readdir", handle: count(body, 0), after, size: body.readUInt32LE(16), withNodes };
}

function readBatchForget(body: Buffer): FuseAsk {
  const nodes: ForgottenNode[] = [];
  const howMany = body.readUInt32LE(0);
  for (let index = 0; index < howMany; index++) {
    const at = 8 + index * 16;
    nodes.push({ node: count(body, at), lookups: count(body, at + 8) });
  }
  return { op: "forget", nodes };
}

function readFallocate(body: Buffer): FuseAsk {
  const [offset, length] = [count(body, 8), count(body, 16)];
  return { op: "fallocate", handle: count(body, 0), offset, length, mode: body.readUInt32LE(24) };
}

function readLseek(body: Buffer): FuseAsk {
  return { op: "lseek", handle: count(body, 0), offset: count(body, 8), whence: body.readUInt32LE(16) };
}

function isDataOnly(body: Buffer): boolean {
  return (body.readUInt32LE(8) & FSYNC_FDATASYNC) !== 0;
}

/** 64 bits. Ids are ours or small, and no file has so many bytes that this were not exact. */
function count(body: Buffer, at: number): number {
  return body.readUInt32LE(at) + body.readUInt32LE(at + 4) * 2 ** 32;
}

/** Bytes up to NUL, as latin-1. */
function nameAt(body: Buffer, at: number): { name: string; end: number } {
  const end = endOfName(body, at);
  return { name: body.toString("latin1", at, end), end: end + 1 };
}

function endOfName(body: Buffer, at: number): number {
  const end = body.indexOf(0, at);
  if (end < 0) throw new RangeError("a name in a request has no end");
  return end;
}
