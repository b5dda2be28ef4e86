import { readdirSync, readlinkSync } from "node:fs";

/** Rounds of looking for processes that were born while others ended. */
const MAX_ROUNDS = 20;

/** What names the network namespace of a process, such as `net:[4026531840]` (namespaces(7)). @throws Error `ENOENT`, `EACCES` */
export function networkOf(pid: number | "self"): string {
  return readlinkSync(`/proc/${pid}/ns/net`);
}

/** Processes in a network namespace, as far as this user may know. */
export function processesOf(network: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return networkOf(pid) === network;
      } catch {
        return false; // Gone, or somebody else's.
      }
    });
}

/** Sends SIGKILL to all processes in a network namespace until none is left that can be. Gives how many there were. */
export function endProcessesOf(network: string, { except }: { except: number }): number {
  const met = new Set<number>();
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const fresh = processesOf(network).filter((pid) => pid !== except && !met.has(pid));
    if (fresh.length === 0) break;
    for (const pid of fresh) {
      met.add(pid);
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It has ended by itself, or is somebody else's.
      }
    }
  }
  return met.size;
}
