import koffi from "koffi";

/** openat2(2), for which the C library has no function. As in `libc.ts`, the prototype is that of its man page. */
const libc = koffi.load(null);

koffi.struct("magpie_open_how", { flags: "uint64_t", mode: "uint64_t", resolve: "uint64_t" });

/** struct open_how */
export interface OpenHow {
  readonly flags: number;
  readonly mode: number;
  readonly resolve: number;
}

/** The same number on x86-64 and arm64. */
const SYS_OPENAT2 = 437;
const OPEN_HOW_BYTES = 24;

type Result = (error: Error | null, result: number) => void;

// The cast cannot be wrong as long as the prototype says what the type says, as in `libc.ts`.
const syscall = libc.func(
  "long syscall(long number, int directory, const uint8_t *path, const magpie_open_how *how, size_t bytes)",
) as {
  (number: number, directory: number, path: Uint8Array, how: OpenHow, bytes: number): number;
  async(number: number, directory: number, path: Uint8Array, how: OpenHow, bytes: number, done: Result): void;
};

/** The path ends with NUL. `async` runs on a thread of libuv's pool, where its errno stays. */
export function openat2(directory: number, path: Uint8Array, how: OpenHow): number {
  return syscall(SYS_OPENAT2, directory, path, how, OPEN_HOW_BYTES);
}

openat2.async = (directory: number, path: Uint8Array, how: OpenHow, done: Result): void =>
  syscall.async(SYS_OPENAT2, directory, path, how, OPEN_HOW_BYTES, done);
