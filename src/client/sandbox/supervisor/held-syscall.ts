import type { SyscallName } from "./syscall-table.ts";

/**
 * A system call that shall be held: always, or only when the kernel's filter finds that every condition of `when` is met.
 * What is not held costs the program next to nothing.
 */
export type HeldSyscall =
  | SyscallName
  | { readonly name: SyscallName; readonly when: readonly ArgumentCondition[] };

/**
 * About one argument, counted from 0. Filters see registers, not what they point to. Of an `int` only the lower 32 bits
 * mean anything: `bits: 32`; of an address all: `bits: 64`.
 */
export interface ArgumentCondition {
  readonly argument: 0 | 1 | 2 | 3 | 4 | 5;
  readonly bits: 32 | 64;
  /** `any-bit-of`: at least one bit of `value` is set in it. */
  readonly is: "equal-to" | "other-than" | "any-bit-of" | "no-bit-of";
  readonly value: bigint;
}

export function nameOfHeld(held: HeldSyscall): SyscallName {
  return typeof held === "string" ? held : held.name;
}
