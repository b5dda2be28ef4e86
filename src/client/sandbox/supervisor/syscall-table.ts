/** The numbers of the system calls that may be held; null where an architecture has no such call (asm/unistd.h). */
export const syscallTable = {
  open: { x64: 2, arm64: null },
  connect: { x64: 42, arm64: 203 },
} as const satisfies Record<string, { x64: number | null; arm64: number | null }>;

export type SyscallName = keyof typeof syscallTable;
