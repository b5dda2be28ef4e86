import { readFileSync } from "node:fs";

/** A bit of the capability set (capabilities(7)). */
const CAP_SYS_PTRACE = 19n;

/** Whether this process may look into processes of other users: their environment, their root directory (ptrace(2)). */
export function mayLookIntoApps(statusPath = "/proc/self/status"): boolean {
  try {
    const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync(statusPath, "latin1"))?.[1] ?? "0";
    return ((BigInt(`0x${effective}`) >> CAP_SYS_PTRACE) & 1n) === 1n;
  } catch {
    return true; // What cannot be seen is tried.
  }
}
