import { decodeStatx, type FileStatus, type KernelTime, readCount, STATX_BYTES } from "./file-status.ts";
import { check } from "../kernel-error.ts";
import { close, lastErrno } from "../libc.ts";
import * as libc from "./libc-files.ts";

/**
 * Calls about files by descriptor and name. All of them wait for the disk, and run with the rights of the calling thread:
 * they are for threads that may wait. Each throws KernelError with the call's errno.
 */

const AT_FDCWD = -100;
const AT_EMPTY_PATH = 0x1000;
const AT_SYMLINK_NOFOLLOW = 0x100;
const AT_REMOVEDIR = 0x200;
const AT_EACCESS = 0x200;
const STATX_BASIC_STATS = 0x7ff;
/** openat2(2): `..`, absolute paths and links stay below the directory; links of /proc/<pid>/fd and its like are refused. */
const RESOLVE_IN_ROOT = 0x10;
const RESOLVE_NO_MAGICLINKS = 0x02;
/** linux/fcntl.h; Node does not know it. */
export const O_PATH = 0o10000000;
const O_CLOEXEC = 0o2000000;
const RWF_APPEND = 0x10;
const UTIME_NOW = 0x3fffffff;
const UTIME_OMIT = 0x3ffffffe;
const SEEK_DATA = 3;
const SEEK_HOLE = 4;
const EAGAIN = 11;
/** The kernel gives up when something is renamed while it looks at `..`; then it is asked again. */
const MAX_RESOLUTIONS = 64;
const PATH_BYTES = 4096;

const nothing = Buffer.from("\0");
const here = Buffer.from(".\0");

/**
 * Opens what a path leads to as seen by a process whose root is `root`: never anything outside of it, whatever links say
 * and whoever renames meanwhile. An empty path is the root itself. Close-on-exec; the caller closes it.
 */
export function openInRoot(root: number, path: Uint8Array, flags: number, mode = 0): number {
  const how = Buffer.alloc(24);
  how.writeBigUInt64LE(BigInt(flags | O_CLOEXEC), 0);
  how.writeBigUInt64LE(BigInt(mode), 8);
  how.writeBigUInt64LE(BigInt(RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS), 16);
  const name = path.length === 0 ? here : terminated(path);
  for (let turn = 1; ; turn++) {
    const descriptor = libc.openat2(root, name, how);
    if (descriptor === -1 && lastErrno() === EAGAIN && turn < MAX_RESOLUTIONS) continue;
    return check("openat2", descriptor);
  }
}

/** Opens again, with other flags, the very file that a descriptor of O_PATH holds. */
export function reopen(descriptor: number, flags: number): number {
  // The link of /proc leads to the file itself and not to its name. Nothing else is followed on the way.
  const how = Buffer.alloc(24);
  how.writeBigUInt64LE(BigInt(flags | O_CLOEXEC), 0);
  return check("openat2", libc.openat2(AT_FDCWD, descriptorPath(descriptor), how));
}

/** Of an open file, also one of O_PATH. */
export function statusOf(descriptor: number): FileStatus {
  return status(descriptor, nothing);
}

/** lstat(2) of a name in a directory. */
export function statusAt(directory: number, name: Uint8Array): FileStatus {
  return status(directory, terminated(name));
}

const statxBytes = Buffer.alloc(STATX_BYTES);

function status(directory: number, name: Uint8Array): FileStatus {
  const flags = AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW;
  check("statx", libc.statx(directory, name, { flags, mask: STATX_BASIC_STATS, into: statxBytes }));
  return decodeStatx(statxBytes);
}

/** Where a link leads that a descriptor of O_PATH and O_NOFOLLOW holds. */
export function targetOf(descriptor: number): Buffer {
  return readLink(descriptor, nothing);
}

/** Where the link of a name leads. */
export function targetAt(directory: number, name: Uint8Array): Buffer {
  return readLink(directory, terminated(name));
}

function readLink(directory: number, name: Uint8Array): Buffer {
  const bytes = Buffer.alloc(PATH_BYTES);
  const length = check("readlinkat", libc.readlinkat(directory, name, bytes, bytes.length));
  return bytes.subarray(0, length);
}

/** A name in an open directory. */
export interface NameIn {
  readonly directory: number;
  readonly name: Uint8Array;
}

export function makeDirectory({ directory, name }: NameIn, mode: number): void {
  check("mkdirat", libc.mkdirat(directory, terminated(name), mode));
}

export function removeDirectory({ directory, name }: NameIn): void {
  check("unlinkat", libc.unlinkat(directory, terminated(name), AT_REMOVEDIR));
}

export function unlink({ directory, name }: NameIn): void {
  check("unlinkat", libc.unlinkat(directory, terminated(name), 0));
}

/** `flags` of renameat2(2). */
export function rename(from: NameIn, to: NameIn, flags: number): void {
  const ends = [from, to].map(({ directory, name }) => ({ directory, name: terminated(name) }));
  const [old, fresh] = ends as [(typeof ends)[0], (typeof ends)[0]]; // Two went in.
  check("renameat2", libc.renameat2(old, fresh, flags));
}

/** Another name of a file; a link is not followed. */
export function link(from: NameIn, to: NameIn): void {
  check("linkat", libc.linkat(from.directory, terminated(from.name), to.directory, terminated(to.name), 0));
}

export function makeLink(target: Uint8Array, { directory, name }: NameIn): void {
  check("symlinkat", libc.symlinkat(terminated(target), directory, terminated(name)));
}

/** Of the file that a descriptor holds, also one of O_PATH, but not of a link. */
export function changeMode(descriptor: number, mode: number): void {
  check("fchmodat", libc.fchmodat(AT_FDCWD, descriptorPath(descriptor), mode, 0));
}

/** Null leaves the user or the group as it is. */
export function changeOwner(descriptor: number, user: number | null, group: number | null): void {
  const asIs = 0xffffffff;
  check("fchownat", libc.fchownat(descriptor, nothing, user ?? asIs, group ?? asIs, AT_EMPTY_PATH));
}

/** Null leaves a time as it is. */
export function changeTimes(
  descriptor: number,
  { accessed, modified }: { accessed: KernelTime | "now" | null; modified: KernelTime | "now" | null },
): void {
  const times = Buffer.alloc(32);
  [accessed, modified].forEach((time, index) => {
    const given = time !== null && time !== "now";
    times.writeBigInt64LE(BigInt(given ? time.seconds : 0), index * 16);
    const special = time === null ? UTIME_OMIT : UTIME_NOW;
    times.writeBigInt64LE(BigInt(given ? time.nanoseconds : special), index * 16 + 8);
  });
  check("utimensat", libc.utimensat(AT_FDCWD, descriptorPath(descriptor), times, 0));
}

/** Of the file that a descriptor holds, also one of O_PATH. */
export function changeSize(descriptor: number, size: number): void {
  check("truncate", libc.truncate(descriptorPath(descriptor), size));
}

/** `mode` of fallocate(2). */
export function allocate(
  descriptor: number,
  { mode, offset, length }: { mode: number; offset: number; length: number },
): void {
  check("fallocate", libc.fallocate(descriptor, mode, offset, length));
}

/** Where the next data or hole is. */
export function seek(descriptor: number, offset: number, to: "data" | "hole"): number {
  const at = Number(libc.lseek(descriptor, offset, to === "data" ? SEEK_DATA : SEEK_HOLE));
  return check("lseek", at);
}

/** Writes at the file's end, wherever that is at that moment; gives how much. */
export function append(descriptor: number, bytes: Uint8Array): number {
  return check("pwritev2", libc.pwritev2(descriptor, bytes, { offset: 0, flags: RWF_APPEND }));
}

/** Whether what a descriptor holds may be used so, by the rights that count for files (`AT_EACCESS` of faccessat(2)). */
export function checkAccess(descriptor: number, mode: number): void {
  check("faccessat2", libc.faccessat2(descriptor, nothing, mode, AT_EMPTY_PATH | AT_EACCESS));
}

/** As statfs(2) tells it. */
export interface FileSystemStatus {
  readonly blockBytes: number;
  readonly blocks: number;
  readonly free: number;
  readonly available: number;
  readonly files: number;
  readonly freeFiles: number;
  readonly maxNameBytes: number;
}

export function fileSystemOf(descriptor: number): FileSystemStatus {
  // struct statfs of 64-bit architectures: longs, but for f_fsid.
  const bytes = Buffer.alloc(120);
  check("fstatfs", libc.fstatfs(descriptor, bytes));
  const long = (index: number): number => readCount(bytes, index * 8);
  return {
    blockBytes: long(1),
    blocks: long(2),
    free: long(3),
    available: long(4),
    files: long(5),
    freeFiles: long(6),
    maxNameBytes: long(8),
  };
}

const F_DUPFD_CLOEXEC = 1030;

/** Another descriptor of the same open file, close-on-exec. */
export function duplicate(descriptor: number): number {
  return check("fcntl", libc.fcntl(descriptor, F_DUPFD_CLOEXEC, 0));
}

/** close(2) that says what went wrong. */
export function closeFile(descriptor: number): void {
  check("close", close(descriptor));
}

/** An entry of a directory, as getdents64(2) gives it. */
export interface EntryFound {
  readonly name: Buffer;
  readonly inode: bigint;
  readonly type: number;
  /** What to go on behind: for `seekDirectory`. */
  readonly cookie: bigint;
}

/** The next entries, as many as `bytes` has room for; none at the end. */
export function nextEntries(directory: number, bytes: Buffer): EntryFound[] {
  const length = check("getdents64", libc.getdents64(directory, bytes));
  const entries: EntryFound[] = [];
  for (let at = 0; at < length; ) {
    const end = at + bytes.readUInt16LE(at + 16);
    entries.push({
      inode: bytes.readBigUInt64LE(at),
      cookie: bytes.readBigUInt64LE(at + 8),
      type: bytes.readUInt8(at + 18),
      name: Buffer.from(bytes.subarray(at + 19, bytes.indexOf(0, at + 19))),
    });
    at = end;
  }
  return entries;
}

/** Goes on behind an entry; 0 is the start. */
export function seekDirectory(directory: number, cookie: bigint): void {
  check("lseek", Number(libc.lseek(directory, BigInt.asIntN(64, cookie), 0)));
}

function descriptorPath(descriptor: number): Buffer {
  return Buffer.from(`/proc/self/fd/${descriptor}\0`);
}

function terminated(path: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(path.length + 1);
  bytes.set(path);
  bytes[path.length] = 0;
  return bytes;
}
