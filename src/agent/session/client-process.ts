import { readFileSync, readlinkSync } from "node:fs";
import type { ProcessIdentity } from "../../protocol/index.ts";

/** PF_EXITING of the kernel's flags word: set before a process that ends closes its sockets. */
const EXITING = 0x4;

/**
 * Gives a way to see whether a client's process still runs, or undefined when it cannot be seen from here.
 *
 * Only one that is seen running now, and is the one it says it is, will ever be taken for gone: its /proc may count in
 * another way than ours, or hide it (proc(5), `hidepid`).
 */
export function watchProcess(process: ProcessIdentity | null): (() => boolean) | undefined {
  if (process === null || !isHere(process)) return undefined;
  const isRunning = (): boolean => runs(process);
  return isRunning() ? isRunning : undefined;
}

function isHere({ bootId, pidNamespace }: ProcessIdentity): boolean {
  try {
    const ownNamespace = /^pid:\[(\d+)\]$/.exec(readlinkSync("/proc/self/ns/pid"))?.[1];
    const ownBoot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    return ownNamespace === String(pidNamespace) && ownBoot === bootId;
  } catch {
    return false; // Without a /proc nothing can be seen.
  }
}

/**
 * A process that has died but was not waited for yet counts as gone, and so does one that is just ending: its connections
 * are closed before the rest of it is (proc_pid_stat(5), `state`, `flags` and `starttime`).
 */
function runs({ pid, startTime }: ProcessIdentity): boolean {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException; // As all errors of node:fs.
    return code !== "ENOENT" && code !== "ESRCH";
  }
  // Behind the name, which may have spaces of its own: the third field is the first here.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state, flags, started] = [fields[0], Number(fields[6]), Number(fields[19])];
  return state !== "Z" && state !== "X" && (flags & EXITING) === 0 && started === startTime;
}
