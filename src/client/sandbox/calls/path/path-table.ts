import type { SyscallName } from "../../supervisor/index.ts";
import type { ArgumentIndex, CallerArguments } from "./caller-arguments.ts";
import { openFlags, strictOpening } from "./open-flags.ts";
import type { Asked, AskedOfPair } from "./path-request.ts";

/** Where a call names a path: relative to the descriptor in an argument, or always to the working directory. */
export interface PathArgument {
  readonly folder: ArgumentIndex | null;
  readonly path: ArgumentIndex;
}

/** How a call with one path, or two, is read. What it is asked by is null where only the kernel can tell what is wrong. */
export type PathCall =
  | {
      readonly paths: readonly [PathArgument];
      readonly read: (call: CallerArguments) => Asked | string | null;
    }
  | {
      readonly paths: readonly [PathArgument, PathArgument];
      readonly readPair: (call: CallerArguments) => AskedOfPair;
    };

const AT_SYMLINK_NOFOLLOW = 0x100;
const AT_REMOVEDIR = 0x200;
const AT_SYMLINK_FOLLOW = 0x400;

const here = (path: ArgumentIndex) => [{ folder: null, path }] as const;
const at = (folder: ArgumentIndex, path: ArgumentIndex) => [{ folder, path }] as const;

function followsUnless(call: CallerArguments, flags: ArgumentIndex): boolean {
  return (call.int(flags) & AT_SYMLINK_NOFOLLOW) === 0;
}

function opening(flags: number, mode: number): Asked {
  return { what: "open", resolve: 0, ...strictOpening(flags, mode) };
}

/** `struct open_how`; what a newer kernel may have put behind it must be zero. */
function openingHow(call: CallerArguments): Asked | string | null {
  const size = Number(call.long(3));
  if (size < HOW_BYTES || size > MOST_HOW_BYTES) return null;
  const how = call.memory(2, size);
  if (how === null) return null;
  if (how.subarray(HOW_BYTES).some((byte) => byte !== 0)) return "E2BIG";
  const [flags, mode, resolve] = [0, 8, 16].map((offset) => how.readBigUInt64LE(offset));
  if (flags === undefined || mode === undefined || resolve === undefined) return null;
  // Beyond these no flag is known, and a mode is small.
  if (flags > 0xffffffffn || mode > 0o7777n || resolve > 0xffffn) return "EINVAL";
  return { what: "open", flags: Number(flags), mode: Number(mode), resolve: Number(resolve) };
}
const HOW_BYTES = 24;
const MOST_HOW_BYTES = 4096;

/** `struct timespec` times two. */
function times(call: CallerArguments, address: ArgumentIndex): Uint8Array | null | undefined {
  return call.address(address) === 0n ? null : (call.memory(address, 32) ?? undefined);
}

function changingTimes(
  call: CallerArguments,
  about: { times: ArgumentIndex; follow: boolean },
): Asked | null {
  const read = times(call, about.times);
  return read === undefined ? null : { what: "change-times", follow: about.follow, times: read };
}

/** Two of `struct timeval`: seconds and microseconds. */
function changingTimesInMicroseconds(call: CallerArguments, address: ArgumentIndex): Asked | string | null {
  const read = times(call, address);
  if (read === undefined) return null;
  if (read === null) return { what: "change-times", follow: true, times: null };
  const bytes = Buffer.from(read);
  for (const offset of [8, 24]) {
    const microseconds = bytes.readBigInt64LE(offset);
    if (microseconds < 0n || microseconds >= 1_000_000n) return "EINVAL";
    bytes.writeBigInt64LE(microseconds * 1000n, offset);
  }
  return { what: "change-times", follow: true, times: bytes };
}

/** `struct utimbuf`: two times in seconds. */
function changingTimesInSeconds(call: CallerArguments): Asked | null {
  if (call.address(1) === 0n) return { what: "change-times", follow: true, times: null };
  const read = call.memory(1, 16);
  if (read === null) return null;
  const bytes = Buffer.alloc(32);
  read.copy(bytes, 0, 0, 8);
  read.copy(bytes, 16, 8, 16);
  return { what: "change-times", follow: true, times: bytes };
}

function makingLink(call: CallerArguments): Asked | null {
  const target = call.text(0);
  return target === null ? null : { what: "make-link", target };
}

/** What has an effect that cannot be had in the pod, or tells what only its own kernel knows. */
function refusing(call: SyscallName, paths: readonly [PathArgument], options: Refusal = {}): PathCall {
  const { changes = false, isQuiet = false, errno = "EOPNOTSUPP" } = options;
  return { paths, read: () => ({ what: "refuse", call, errno, changes, isQuiet }) };
}
interface Refusal {
  readonly changes?: boolean;
  /** Whether programs ask by the way, and do without. */
  readonly isQuiet?: boolean;
  readonly errno?: string;
}

/** All calls that are answered by what path they name (section 2 of the man pages). */
export const pathTable = {
  open: { paths: here(0), read: (call) => opening(call.int(1), call.int(2)) },
  openat: { paths: at(0, 1), read: (call) => opening(call.int(2), call.int(3)) },
  openat2: { paths: at(0, 1), read: openingHow },
  creat: {
    paths: here(0),
    read: (call) => opening(openFlags.create | openFlags.writeOnly | openFlags.truncate, call.int(1)),
  },
  stat: { paths: here(0), read: (call) => ({ what: "status", follow: true, into: call.address(1) }) },
  lstat: { paths: here(0), read: (call) => ({ what: "status", follow: false, into: call.address(1) }) },
  newfstatat: {
    paths: at(0, 1),
    read: (call) => ({ what: "status", follow: followsUnless(call, 3), into: call.address(2) }),
  },
  statx: {
    paths: at(0, 1),
    read: (call) => ({
      ...{ what: "extended-status", follow: followsUnless(call, 2), flags: call.int(2) & AT_STATX_SYNC_TYPE },
      ...{ mask: call.int(3), into: call.address(4) },
    }),
  },
  statfs: { paths: here(0), read: (call) => ({ what: "file-system", into: call.address(1) }) },
  access: {
    paths: here(0),
    read: (call) => ({ what: "access", follow: true, mode: call.int(1), flags: 0 }),
  },
  faccessat: {
    paths: at(0, 1),
    read: (call) => ({ what: "access", follow: true, mode: call.int(2), flags: 0 }),
  },
  faccessat2: {
    paths: at(0, 1),
    read: (call) => ({
      ...{ what: "access", follow: followsUnless(call, 3), mode: call.int(2) },
      flags: call.int(3) & AT_EACCESS,
    }),
  },
  readlink: {
    paths: here(0),
    read: (call) => ({ what: "read-link", into: call.address(1), bytes: call.int(2) }),
  },
  readlinkat: {
    paths: at(0, 1),
    read: (call) => ({ what: "read-link", into: call.address(2), bytes: call.int(3) }),
  },
  chdir: { paths: here(0), read: () => ({ what: "enter" }) },
  execve: { paths: here(0), read: () => ({ what: "execute" }) },
  execveat: { paths: at(0, 1), read: () => ({ what: "execute" }) },
  truncate: { paths: here(0), read: (call) => ({ what: "change-length", bytes: call.long(1) }) },
  chmod: {
    paths: here(0),
    read: (call) => ({ what: "change-mode", follow: true, mode: call.int(1) & 0o7777 }),
  },
  fchmodat: {
    paths: at(0, 1),
    read: (call) => ({ what: "change-mode", follow: true, mode: call.int(2) & 0o7777 }),
  },
  fchmodat2: {
    paths: at(0, 1),
    read: (call) => ({ what: "change-mode", follow: followsUnless(call, 3), mode: call.int(2) & 0o7777 }),
  },
  chown: { paths: here(0), read: (call) => owner(call, { first: 1, follow: true }) },
  lchown: { paths: here(0), read: (call) => owner(call, { first: 1, follow: false }) },
  fchownat: { paths: at(0, 1), read: (call) => owner(call, { first: 2, follow: followsUnless(call, 4) }) },
  utime: { paths: here(0), read: changingTimesInSeconds },
  utimes: { paths: here(0), read: (call) => changingTimesInMicroseconds(call, 1) },
  futimesat: { paths: at(0, 1), read: (call) => changingTimesInMicroseconds(call, 2) },
  utimensat: {
    paths: at(0, 1),
    read: (call) => changingTimes(call, { times: 2, follow: followsUnless(call, 3) }),
  },
  mkdir: { paths: here(0), read: (call) => ({ what: "make-folder", mode: call.int(1) & 0o7777 }) },
  mkdirat: { paths: at(0, 1), read: (call) => ({ what: "make-folder", mode: call.int(2) & 0o7777 }) },
  rmdir: { paths: here(0), read: () => ({ what: "remove", flags: AT_REMOVEDIR }) },
  unlink: { paths: here(0), read: () => ({ what: "remove", flags: 0 }) },
  unlinkat: { paths: at(0, 1), read: (call) => ({ what: "remove", flags: call.int(2) }) },
  symlink: { paths: here(1), read: makingLink },
  symlinkat: { paths: at(1, 2), read: makingLink },
  rename: { paths: [...here(0), ...here(1)], readPair: () => ({ what: "rename", flags: 0 }) },
  renameat: { paths: [...at(0, 1), ...at(2, 3)], readPair: () => ({ what: "rename", flags: 0 }) },
  renameat2: {
    paths: [...at(0, 1), ...at(2, 3)],
    readPair: (call) => ({ what: "rename", flags: call.int(4) }),
  },
  link: { paths: [...here(0), ...here(1)], readPair: () => ({ what: "make-name", follow: false }) },
  linkat: {
    paths: [...at(0, 1), ...at(2, 3)],
    readPair: (call) => ({ what: "make-name", follow: (call.int(4) & AT_SYMLINK_FOLLOW) !== 0 }),
  },
  mknod: refusing("mknod", here(0), { changes: true }),
  mknodat: refusing("mknodat", at(0, 1), { changes: true }),
  setxattr: refusing("setxattr", here(0), { changes: true }),
  lsetxattr: refusing("lsetxattr", here(0), { changes: true }),
  setxattrat: refusing("setxattrat", at(0, 1), { changes: true }),
  removexattr: refusing("removexattr", here(0), { changes: true }),
  lremovexattr: refusing("lremovexattr", here(0), { changes: true }),
  removexattrat: refusing("removexattrat", at(0, 1), { changes: true }),
  getxattr: refusing("getxattr", here(0), { isQuiet: true }),
  lgetxattr: refusing("lgetxattr", here(0), { isQuiet: true }),
  getxattrat: refusing("getxattrat", at(0, 1), { isQuiet: true }),
  listxattr: refusing("listxattr", here(0), { isQuiet: true }),
  llistxattr: refusing("llistxattr", here(0), { isQuiet: true }),
  listxattrat: refusing("listxattrat", at(0, 1), { isQuiet: true }),
  file_getattr: refusing("file_getattr", at(0, 1), { isQuiet: true }),
  file_setattr: refusing("file_setattr", at(0, 1), { changes: true }),
  inotify_add_watch: refusing("inotify_add_watch", here(1)),
  fanotify_mark: refusing("fanotify_mark", at(3, 4)),
  name_to_handle_at: refusing("name_to_handle_at", at(0, 1), { isQuiet: true }),
  open_tree: refusing("open_tree", at(0, 1)),
  open_tree_attr: refusing("open_tree_attr", at(0, 1)),
  mount_setattr: refusing("mount_setattr", at(0, 1)),
  fspick: refusing("fspick", at(0, 1)),
  mount: refusing("mount", here(1)),
  move_mount: refusing("move_mount", at(2, 3)),
  umount2: refusing("umount2", here(0)),
  pivot_root: refusing("pivot_root", here(0)),
  swapon: refusing("swapon", here(0)),
  acct: refusing("acct", here(0)),
} as const satisfies Partial<Record<SyscallName, PathCall>>;

/** flags of statx(2) about when to ask; linux/fcntl.h */
const AT_STATX_SYNC_TYPE = 0x6000;
const AT_EACCESS = 0x200;

function owner(call: CallerArguments, about: { first: 1 | 2; follow: boolean }): Asked {
  const group = about.first === 1 ? 2 : 3;
  return { what: "change-owner", follow: about.follow, user: call.int(about.first), group: call.int(group) };
}
