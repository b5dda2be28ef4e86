/** Calls that the C library has no function for, or not everywhere (asm/unistd.h). */
const numbers = {
  x64: { seccomp: 317, gettid: 186 },
  arm64: { seccomp: 277, gettid: 178 },
} as const;

/** The architectures that system calls can be made and answered on by number. */
export type CallArchitecture = keyof typeof numbers;

/** Undefined where this machine is neither x86-64 nor arm64, or does not run Linux. */
export function callArchitecture(): CallArchitecture | undefined {
  if (process.platform !== "linux") return undefined;
  return process.arch === "x64" || process.arch === "arm64" ? process.arch : undefined;
}

export function callNumber(name: keyof (typeof numbers)["x64"]): number {
  return numbers[callArchitecture() ?? "x64"][name];
}

/** The same on every architecture since Linux 5.1. */
export const PIDFD_OPEN = 434;
export const PIDFD_GETFD = 438;
