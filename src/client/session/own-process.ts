import { readFileSync, readlinkSync } from "node:fs";
import type { ProcessIdentity } from "../../protocol/index.ts";

/** How an agent on this machine can see whether we still run; null where /proc does not say it. */
export function ownProcess(): ProcessIdentity | null {
  try {
    const pidNamespace = /^pid:\[(\d+)\]$/.exec(readlinkSync("/proc/self/ns/pid"))?.[1];
    const bootId = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    const stat = readFileSync("/proc/self/stat", "utf8");
    // Behind the name, which may have spaces of its own: field 22 of proc_pid_stat(5).
    const startTime = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
    if (pidNamespace === undefined || startTime === undefined) return null;
    return { bootId, pidNamespace: Number(pidNamespace), pid: process.pid, startTime: Number(startTime) };
  } catch {
    return null;
  }
}
