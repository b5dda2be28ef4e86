import koffi from "./koffi.ts";
import { KernelError } from "./kernel-error.ts";
import { lastErrno } from "./libc.ts";

/** An argument of a system call: a number, or memory, of which the kernel is given the address. */
export type CallArgument = number | bigint | Uint8Array;

type Settled = (error: Error | null, result: number) => void;
type Word = number | bigint;

// The cast cannot be wrong: a system call takes words and gives one. The kernel does not look at arguments that its call
// does not have.
const systemCall = koffi
  .load(null)
  .func("long syscall(long number, long a, long b, long c, long d, long e)") as unknown as {
  async(number: number, a: Word, b: Word, c: Word, d: Word, e: Word, settled: Settled): void;
};

/** Memory that is shorter may be moved while a call is under way. */
const STEADY_BYTES = 128;

/** Memory for a call, of at least `length` bytes, all zero. */
export function steadyMemory(length: number): Buffer {
  return Buffer.alloc(Math.max(length, STEADY_BYTES));
}

/** A path as system calls take it; `path` is in bytes as latin-1, and holds no NUL. */
export function pathMemory(path: string): Buffer {
  const memory = steadyMemory(path.length + 1);
  memory.write(path, "latin1");
  return memory;
}

/**
 * Makes a system call that may take as long as the file system that it ends in, on a thread of libuv's pool. Memory must
 * come from `steadyMemory` or `pathMemory`.
 * @throws KernelError
 */
export function poolCall(
  about: { readonly name: string; readonly number: number },
  ...given: readonly CallArgument[]
): Promise<number> {
  return new Promise((resolve, reject) => {
    const [a = 0, b = 0, c = 0, d = 0, e = 0] = given.map((one) =>
      typeof one === "object" ? koffi.address(one) : one,
    );
    systemCall.async(about.number, a, b, c, d, e, (error, result) => {
      // What was given is held until here.
      if (error !== null || given.length > 6) reject(error ?? new RangeError(about.name));
      else if (result === -1) reject(new KernelError(about.name, lastErrno()));
      else resolve(result);
    });
  });
}
