import { readFileSync } from "node:fs";

/** Where the kernel does not tell: its default (getrlimit(2)). */
const USUAL = 1_024;

/** How many descriptors this process may have open: the soft limit of RLIMIT_NOFILE, as proc_pid_limits(5) tells it. */
export function descriptorLimit(): number {
  try {
    const soft = /^Max open files\s+(\d+|unlimited)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1];
    return soft === "unlimited" ? Number.MAX_SAFE_INTEGER : Number(soft ?? USUAL);
  } catch {
    return USUAL; // Without /proc.
  }
}
