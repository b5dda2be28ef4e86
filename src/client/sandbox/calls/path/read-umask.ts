import { readFileSync } from "node:fs";

/** The bits that a process takes away from the mode of what it makes (umask(2)); null when it is gone. */
export function readUmask(process: number | "self"): number | null {
  try {
    const [, mask] = /^Umask:\s*([0-7]+)/m.exec(readFileSync(`/proc/${process}/status`, "latin1")) ?? [];
    return mask === undefined ? null : Number.parseInt(mask, 8);
  } catch {
    return null; // gone
  }
}

/**
 * The mode of what is made in place of a caller: the kernel takes our own mask away from `asked`, and that may be more than the
 * caller's; then `afterwards` is what the mode must be set to.
 */
export function modeFor(tid: number, mode: number): { asked: number; afterwards: number | undefined } {
  const [theirs, ours] = [readUmask(tid) ?? 0o077, readUmask("self") ?? 0o077];
  const asked = mode & ~theirs;
  return { asked, afterwards: (asked & ours) === 0 ? undefined : asked };
}
