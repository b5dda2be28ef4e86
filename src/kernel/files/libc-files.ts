import koffi from "../koffi.ts";

/**
 * The C library's calls about files, as their man pages declare them (section 2). Those that it has no function for, or not
 * everywhere, go through syscall(2). Paths are bytes that end with NUL.
 */
const libc = koffi.load(null);

koffi.struct("magpie_iovec", { base: "const uint8_t *", length: "size_t" });

type Call<Arguments extends unknown[]> = (...args: Arguments) => number;

interface Iovec {
  readonly base: Uint8Array;
  readonly length: number;
}

/** Where the two architectures count differently (asm/unistd.h). */
const numbers =
  process.arch === "arm64"
    ? {
        statx: 291,
        getdents64: 61,
        renameat2: 276,
        pwritev2: 287,
        setfsuid: 151,
        setfsgid: 152,
        setgroups: 159,
      }
    : {
        statx: 332,
        getdents64: 217,
        renameat2: 316,
        pwritev2: 328,
        setfsuid: 122,
        setfsgid: 123,
        setgroups: 116,
      };
const OPENAT2 = 437;
const FACCESSAT2 = 439;

// The casts cannot be wrong as long as each prototype says what its Call type says: koffi builds the function from the
// prototype and knows no TypeScript.
const callOpenat2 = libc.func(
  "long syscall(long number, int directory, const uint8_t *path, const uint8_t *how, size_t size)",
) as Call<[number, number, Uint8Array, Uint8Array, number]>;
const callStatx = libc.func(
  "long syscall(long number, int directory, const uint8_t *path, int flags, unsigned int mask, _Out_ uint8_t *status)",
) as Call<[number, number, Uint8Array, number, number, Uint8Array]>;
const callGetdents64 = libc.func(
  "long syscall(long number, int descriptor, _Out_ uint8_t *entries, size_t size)",
) as Call<[number, number, Uint8Array, number]>;
const callRenameat2 = libc.func(
  "long syscall(long number, int from, const uint8_t *old, int to, const uint8_t *name, unsigned int flags)",
) as Call<[number, number, Uint8Array, number, Uint8Array, number]>;
const callPwritev2 = libc.func(
  "long syscall(long number, int descriptor, const magpie_iovec *vector, unsigned long count, long low, long high, int flags)",
) as Call<[number, number, readonly Iovec[], number, number | bigint, number, number]>;
const callFaccessat2 = libc.func(
  "long syscall(long number, int directory, const uint8_t *path, int mode, int flags)",
) as Call<[number, number, Uint8Array, number, number]>;
const callWithId = libc.func("long syscall(long number, uint32_t id)") as Call<[number, number]>;
const callWithIds = libc.func("long syscall(long number, size_t count, const uint32_t *ids)") as Call<
  [number, number, Uint32Array]
>;

export const openat2 = (directory: number, path: Uint8Array, how: Uint8Array): number =>
  callOpenat2(OPENAT2, directory, path, how, how.length);
export const statx = (
  directory: number,
  path: Uint8Array,
  about: { flags: number; mask: number; into: Uint8Array },
): number => callStatx(numbers.statx, directory, path, about.flags, about.mask, about.into);
export const getdents64 = (descriptor: number, entries: Uint8Array): number =>
  callGetdents64(numbers.getdents64, descriptor, entries, entries.length);
export const renameat2 = (
  from: { directory: number; name: Uint8Array },
  to: { directory: number; name: Uint8Array },
  flags: number,
): number => callRenameat2(numbers.renameat2, from.directory, from.name, to.directory, to.name, flags);
export const pwritev2 = (
  descriptor: number,
  bytes: Uint8Array,
  about: { offset: number | bigint; flags: number },
): number =>
  callPwritev2(
    numbers.pwritev2,
    descriptor,
    [{ base: bytes, length: bytes.length }],
    1,
    about.offset,
    0,
    about.flags,
  );
export const faccessat2 = (directory: number, path: Uint8Array, mode: number, flags: number): number =>
  callFaccessat2(FACCESSAT2, directory, path, mode, flags);
/** Of the calling thread alone, other than the C library's functions of these names; they give the former id. */
export const setfsuid = (id: number): number => callWithId(numbers.setfsuid, id);
export const setfsgid = (id: number): number => callWithId(numbers.setfsgid, id);
/** Of the calling thread alone. */
export const setgroups = (ids: Uint32Array): number => callWithIds(numbers.setgroups, ids.length, ids);

export const readlinkat = libc.func(
  "intptr_t readlinkat(int directory, const uint8_t *path, _Out_ uint8_t *target, size_t size)",
) as Call<[number, Uint8Array, Uint8Array, number]>;
export const mkdirat = libc.func(
  "int mkdirat(int directory, const uint8_t *path, unsigned int mode)",
) as Call<[number, Uint8Array, number]>;
export const unlinkat = libc.func("int unlinkat(int directory, const uint8_t *path, int flags)") as Call<
  [number, Uint8Array, number]
>;
export const linkat = libc.func(
  "int linkat(int from, const uint8_t *old, int to, const uint8_t *name, int flags)",
) as Call<[number, Uint8Array, number, Uint8Array, number]>;
export const symlinkat = libc.func(
  "int symlinkat(const uint8_t *target, int directory, const uint8_t *path)",
) as Call<[Uint8Array, number, Uint8Array]>;
export const fchmodat = libc.func(
  "int fchmodat(int directory, const uint8_t *path, unsigned int mode, int flags)",
) as Call<[number, Uint8Array, number, number]>;
export const fchownat = libc.func(
  "int fchownat(int directory, const uint8_t *path, uint32_t user, uint32_t group, int flags)",
) as Call<[number, Uint8Array, number, number, number]>;
export const utimensat = libc.func(
  "int utimensat(int directory, const uint8_t *path, const uint8_t *times, int flags)",
) as Call<[number, Uint8Array, Uint8Array, number]>;
export const truncate = libc.func("int truncate(const uint8_t *path, int64_t length)") as Call<
  [Uint8Array, number | bigint]
>;
export const fallocate = libc.func(
  "int fallocate(int descriptor, int mode, int64_t offset, int64_t length)",
) as Call<[number, number, number | bigint, number | bigint]>;
export const lseek = libc.func("int64_t lseek(int descriptor, int64_t offset, int whence)") as (
  descriptor: number,
  offset: number | bigint,
  whence: number,
) => number | bigint;
export const fstatfs = libc.func("int fstatfs(int descriptor, _Out_ uint8_t *status)") as Call<
  [number, Uint8Array]
>;
export const unshare = libc.func("int unshare(int flags)") as Call<[number]>;
export const umask = libc.func("unsigned int umask(unsigned int mask)") as Call<[number]>;
export const fcntl = libc.func("int fcntl(int descriptor, int command, int argument)") as Call<
  [number, number, number]
>;
