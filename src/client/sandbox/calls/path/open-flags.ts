/** asm-generic/fcntl.h, and where arm64 differs (asm/fcntl.h). */
const isArm64 = process.arch === "arm64";

export const openFlags = {
  accessMode: 0o3,
  writeOnly: 0o1,
  create: 0o100,
  exclusive: 0o200,
  truncate: 0o1000,
  nonBlocking: 0o4000,
  directory: isArm64 ? 0o40000 : 0o200000,
  noFollow: isArm64 ? 0o100000 : 0o400000,
  closeOnExec: 0o2000000,
  path: 0o10000000,
  /** With `directory`: O_TMPFILE. */
  temporary: 0o20000000,
} as const;

/** All that openat2(2) knows; open(2) overlooks the rest, and so must we. */
const KNOWN = 0o37777703;
/** What counts beside O_PATH; open(2) overlooks the rest. */
const WITH_PATH = openFlags.path | openFlags.directory | openFlags.noFollow | openFlags.closeOnExec;

/** The flags and the mode of open(2) as openat2(2) takes them, which is strict. */
export function strictOpening(flags: number, mode: number): { flags: number; mode: number } {
  const strict = (flags & openFlags.path) === 0 ? flags & KNOWN : flags & WITH_PATH;
  return { flags: strict, mode: creates(strict) ? mode & 0o7777 : 0 };
}

export function creates(flags: number): boolean {
  return (flags & (openFlags.create | openFlags.temporary)) !== 0;
}

/** Whether something of the file may be changed through the descriptor, or by opening it. */
export function mayWrite(flags: number): boolean {
  if ((flags & openFlags.path) !== 0) return false;
  return (flags & (openFlags.accessMode | openFlags.truncate | openFlags.temporary)) !== 0;
}
