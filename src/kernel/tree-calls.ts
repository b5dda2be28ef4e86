import { KernelError } from "./kernel-error.ts";
import { pathMemory, poolCall, steadyMemory } from "./pool-call.ts";

/**
 * Calls about what is beneath a folder that is taken for the root: links of it are followed as chroot(2) would. Each may
 * take as long as the file system behind, and never blocks this thread. Paths and names are in bytes as latin-1.
 */

/** asm/unistd_64.h of x86-64, asm-generic/unistd.h of arm64. */
const numbers =
  process.arch === "arm64"
    ? {
        ...{
          newfstatat: 79,
          statx: 291,
          fstatfs: 44,
          readlinkat: 78,
          mkdirat: 34,
          unlinkat: 35,
          renameat2: 276,
        },
        ...{ linkat: 37, symlinkat: 36, fchmodat: 53, fchownat: 54, utimensat: 88, truncate: 45, close: 57 },
        ...{ fcntl: 25 },
      }
    : {
        ...{ newfstatat: 262, statx: 332, fstatfs: 138, readlinkat: 267, mkdirat: 258, unlinkat: 263 },
        ...{ renameat2: 316, linkat: 265, symlinkat: 266, fchmodat: 268, fchownat: 260, utimensat: 280 },
        ...{ truncate: 76, close: 3, fcntl: 72 },
      };
const OPENAT2 = 437;
const FACCESSAT2 = 439;
const AT_FDCWD = -100;
const AT_SYMLINK_FOLLOW = 0x400;
const AT_EMPTY_PATH = 0x1000;
const RESOLVE_IN_ROOT = 0x10;
const F_SETFL = 4;
/** asm-generic/fcntl.h: the same on x86-64; arm64 has others for the next two. */
const O_PATH = 0o10000000;
const O_CLOEXEC = 0o2000000;
const O_DIRECTORY = process.arch === "arm64" ? 0o40000 : 0o200000;
const O_NOFOLLOW = process.arch === "arm64" ? 0o100000 : 0o400000;

/** What the kernel writes: `struct stat` (asm/stat.h), `struct statx` (linux/stat.h), `struct statfs` (asm-generic/statfs.h). */
export const statusBytes = process.arch === "arm64" ? 128 : 144;
export const extendedStatusBytes = 256;
export const fileSystemBytes = 120;
const LONGEST_LINK_BYTES = 4096;

/**
 * Opens a path beneath `root`; the caller closes the descriptor, which is close-on-exec. `flags` and `mode` as open(2) has
 * them, `resolve` as openat2(2). @throws KernelError
 */
export function openBeneath(
  root: number,
  path: string,
  how: { flags: number; mode?: number; resolve?: number },
): Promise<number> {
  const memory = steadyMemory(24);
  memory.writeBigUInt64LE(BigInt((how.flags | O_CLOEXEC) >>> 0), 0);
  memory.writeBigUInt64LE(BigInt(how.mode ?? 0), 8);
  memory.writeBigUInt64LE(BigInt(RESOLVE_IN_ROOT | (how.resolve ?? 0)), 16);
  const name = pathMemory(path);
  return again(() => poolCall({ name: "openat2", number: OPENAT2 }, root, name, memory, 24), how.flags);
}

/**
 * While anything on the machine is renamed or mounted the kernel cannot be sure that `..` has not led out, and says EAGAIN
 * (openat2(2)): then it is asked again. Opening a file without waiting may say so, too.
 */
async function again(open: () => Promise<number>, flags: number): Promise<number> {
  const most = (flags & O_NONBLOCK) === 0 ? 1000 : 32;
  for (let tries = 1; ; tries++) {
    try {
      return await open();
    } catch (error) {
      const isUnsure = error instanceof KernelError && error.code === "EAGAIN";
      if (!isUnsure || tries >= most) throw error;
    }
  }
}
const O_NONBLOCK = 0o4000;

/**
 * Finds what stands at a path beneath `root`, without opening it: a descriptor (O_PATH) for the calls below, which the
 * caller closes. @throws KernelError
 */
export function findBeneath(
  root: number,
  path: string,
  options: { follow: boolean; folder?: boolean; resolve?: number },
): Promise<number> {
  const flags = O_PATH | (options.follow ? 0 : O_NOFOLLOW) | (options.folder === true ? O_DIRECTORY : 0);
  return openBeneath(root, path, { flags, resolve: options.resolve ?? 0 });
}

/** Opens once more what a descriptor stands for, which may be one of `findBeneath`. @throws KernelError */
export function openAgain(descriptor: number, flags: number): Promise<number> {
  const memory = steadyMemory(24);
  memory.writeBigUInt64LE(BigInt((flags | O_CLOEXEC) >>> 0), 0);
  return poolCall({ name: "openat2", number: OPENAT2 }, AT_FDCWD, pathMemory(linkOf(descriptor)), memory, 24);
}

/** `struct stat` of what a descriptor stands for. @throws KernelError */
export async function statusOf(descriptor: number): Promise<Buffer> {
  const into = steadyMemory(statusBytes);
  await poolCall({ name: "newfstatat", number: numbers.newfstatat }, descriptor, empty, into, AT_EMPTY_PATH);
  return into.subarray(0, statusBytes);
}

/** What `st_mode` of `struct stat` says that it is (inode(7)). */
export type FileKind = "file" | "folder" | "link" | "pipe" | "device" | "socket";

export function kindOf(status: Buffer): FileKind {
  const mode = status.readUInt32LE(process.arch === "arm64" ? 16 : 24);
  return kinds[(mode >> 12) & 0o17] ?? "device";
}
const kinds: Readonly<Record<number, FileKind>> = {
  [0o01]: "pipe",
  [0o04]: "folder",
  [0o10]: "file",
  [0o12]: "link",
  [0o14]: "socket",
};

/** `struct statx`. `flags` of statx(2) about when to ask. @throws KernelError */
export async function extendedStatusOf(
  descriptor: number,
  about: { flags: number; mask: number },
): Promise<Buffer> {
  const into = steadyMemory(extendedStatusBytes);
  const call = { name: "statx", number: numbers.statx };
  await poolCall(call, descriptor, empty, about.flags | AT_EMPTY_PATH, about.mask, into);
  return into;
}

/** `struct statfs` of the file system. @throws KernelError */
export async function fileSystemOf(descriptor: number): Promise<Buffer> {
  const into = steadyMemory(fileSystemBytes);
  await poolCall({ name: "fstatfs", number: numbers.fstatfs }, descriptor, into);
  return into.subarray(0, fileSystemBytes);
}

/** `mode` and `flags` of faccessat2(2). @throws KernelError where it may not be used so */
export async function checkAccess(descriptor: number, about: { mode: number; flags: number }): Promise<void> {
  const call = { name: "faccessat2", number: FACCESSAT2 };
  await poolCall(call, descriptor, empty, about.mode, about.flags | AT_EMPTY_PATH);
}

/** What a link says, whole. @throws KernelError `EINVAL` when it is none */
export async function readLinkOf(descriptor: number): Promise<Buffer> {
  const into = steadyMemory(LONGEST_LINK_BYTES);
  try {
    const call = { name: "readlinkat", number: numbers.readlinkat };
    const length = await poolCall(call, descriptor, empty, into, LONGEST_LINK_BYTES);
    return into.subarray(0, length);
  } catch (error) {
    // With an empty path the kernel says so of what is no link.
    if (error instanceof KernelError && error.code === "ENOENT") throw new KernelError("readlinkat", EINVAL);
    throw error;
  }
}
const EINVAL = 22;

/** @throws KernelError, as all below */
export async function makeFolder(parent: number, name: string, mode: number): Promise<void> {
  await poolCall({ name: "mkdirat", number: numbers.mkdirat }, parent, pathMemory(name), mode);
}

/** `flags` of unlinkat(2). */
export async function removeName(parent: number, name: string, flags: number): Promise<void> {
  await poolCall({ name: "unlinkat", number: numbers.unlinkat }, parent, pathMemory(name), flags);
}

/** A name in a folder. */
export interface NameInFolder {
  readonly folder: number;
  readonly name: string;
}

/** `flags` of renameat2(2). */
export async function rename(from: NameInFolder, to: NameInFolder, flags: number): Promise<void> {
  const call = { name: "renameat2", number: numbers.renameat2 };
  await poolCall(call, from.folder, pathMemory(from.name), to.folder, pathMemory(to.name), flags);
}

/** Another name for what a descriptor of `findBeneath` stands for. */
export async function makeName(descriptor: number, to: NameInFolder): Promise<void> {
  const call = { name: "linkat", number: numbers.linkat };
  const old = pathMemory(linkOf(descriptor));
  await poolCall(call, AT_FDCWD, old, to.folder, pathMemory(to.name), AT_SYMLINK_FOLLOW);
}

export async function makeLink(target: string, { folder, name }: NameInFolder): Promise<void> {
  const call = { name: "symlinkat", number: numbers.symlinkat };
  await poolCall(call, pathMemory(target), folder, pathMemory(name));
}

/** Of what `findBeneath` has found by following links. */
export async function changeMode(descriptor: number, mode: number): Promise<void> {
  await poolCall(
    { name: "fchmodat", number: numbers.fchmodat },
    AT_FDCWD,
    pathMemory(linkOf(descriptor)),
    mode,
  );
}

export async function changeOwner(
  descriptor: number,
  { user, group }: { user: number; group: number },
): Promise<void> {
  const call = { name: "fchownat", number: numbers.fchownat };
  await poolCall(call, descriptor, empty, user, group, AT_EMPTY_PATH);
}

/** `times` are two `struct timespec`, as utimensat(2) takes them; null is now. */
export async function changeTimes(descriptor: number, times: Uint8Array | null): Promise<void> {
  const memory = steadyMemory(32);
  if (times !== null) memory.set(times);
  const call = { name: "utimensat", number: numbers.utimensat };
  await poolCall(call, descriptor, empty, times === null ? 0 : memory, AT_EMPTY_PATH);
}

export async function changeLength(descriptor: number, bytes: bigint): Promise<void> {
  await poolCall({ name: "truncate", number: numbers.truncate }, pathMemory(linkOf(descriptor)), bytes);
}

/** Sets the status flags of an open descriptor (fcntl(2), F_SETFL). */
export async function setStatusFlags(descriptor: number, flags: number): Promise<void> {
  await poolCall({ name: "fcntl", number: numbers.fcntl }, descriptor, F_SETFL, flags);
}

/** Closes what was opened: what the file system does at that moment may take time. Never rejects. */
export async function closeInTime(descriptor: number): Promise<void> {
  // Whatever close(2) says, the descriptor is gone.
  await poolCall({ name: "close", number: numbers.close }, descriptor).catch(() => undefined);
}

const empty = pathMemory("");

/** The kernel takes it for the thing itself (proc_pid_fd(5)). */
function linkOf(descriptor: number): string {
  return `/proc/self/fd/${descriptor}`;
}
