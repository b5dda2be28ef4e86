import { readFileSync, readlinkSync } from "node:fs";
import type { ProcessIdentity } from "../../protocol/index.ts";
import { processBirth } from "../process/index.ts";

/** How an agent on this machine can see whether we still run; null where /proc does not say it. */
export function ownProcess(): ProcessIdentity | null {
  try {
    const pidNamespace = /^pid:\[(\d+)\]$/.exec(readlinkSync("/proc/self/ns/pid"))?.[1];
    const bootId = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    const startTime = processBirth(process.pid);
    if (pidNamespace === undefined || startTime === undefined) return null;
    return { bootId, pidNamespace: Number(pidNamespace), pid: process.pid, startTime };
  } catch {
    return null;
  }
}
