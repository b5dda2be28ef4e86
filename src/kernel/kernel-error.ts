import { constants } from "node:os";
import { lastErrno } from "./libc.ts";

// Of two names of one number the first is the usual one: EAGAIN, not EWOULDBLOCK.
const nameOfErrno = new Map(
  Object.entries(constants.errno)
    .map(([name, value]) => [value, name] as const)
    .reverse(),
);

/** The name of an errno (errno(3)), or `errno 512` of one that has none. */
export function errnoName(errno: number): string {
  return nameOfErrno.get(errno) ?? `errno ${errno}`;
}

/** A system call that failed. `code` is the errno's name (errno(3)), `syscall` the call, as in Node's own errors. */
export class KernelError extends Error {
  override readonly name = "KernelError";
  readonly code: string;
  readonly syscall: string;

  constructor(syscall: string, errno: number) {
    const code = errnoName(errno);
    super(`${syscall}: ${code}`);
    this.code = code;
    this.syscall = syscall;
  }
}

/** Gives the result of a call, or throws its errno as a {@link KernelError}. */
export function check(syscall: string, result: number): number {
  if (result === -1) throw new KernelError(syscall, lastErrno());
  return result;
}
