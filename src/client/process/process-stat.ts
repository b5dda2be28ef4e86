import { readFileSync } from "node:fs";

/** What the kernel says of a process in one line (proc_pid_stat(5)). */
export interface ProcessStat {
  /** Cut at 15 bytes. */
  readonly comm: string;
  readonly parentPid: number;
  /** In clock ticks since the machine began: pids are used again, this is not. */
  readonly startTime: number;
  /** It has died and was not waited for yet, or is just ending: its connections are closed before the rest of it is. */
  readonly isEnding: boolean;
}

/** PF_EXITING of the kernel's flags word: set before a process that ends closes its sockets. */
const EXITING = 0x4;

/** Gives undefined for a process that is gone. */
export function readProcessStat(pid: number, procDirectory = "/proc"): ProcessStat | undefined {
  let stat: string;
  try {
    stat = readFileSync(`${procDirectory}/${pid}/stat`, "utf8");
  } catch {
    return undefined; // gone
  }
  // The name may have blanks and parentheses of its own: it ends at the last one. Behind it are the fields from the third on.
  const nameEnd = stat.lastIndexOf(")");
  const fields = stat.slice(nameEnd + 2).split(" ");
  const [state, parentPid, , , , , flags] = fields;
  return {
    comm: stat.slice(stat.indexOf("(") + 1, nameEnd),
    parentPid: Number(parentPid),
    startTime: Number(fields[19]),
    isEnding: state === "Z" || state === "X" || (Number(flags) & EXITING) !== 0,
  };
}

/** Whether a process is there and not just ending. */
export function isRunning(pid: number): boolean {
  return readProcessStat(pid)?.isEnding === false;
}

/** The `startTime` of a process that is there and not just ending; of another one of the same number it is another. */
export function processBirth(pid: number): number | undefined {
  const stat = readProcessStat(pid);
  return stat?.isEnding === false ? stat.startTime : undefined;
}
