import { readFile, readlink } from "node:fs/promises";
import { basename } from "node:path";
import { isGone } from "./errors.ts";

/** What of /proc/<pid>/stat is looked at (proc_pid_stat(5)). */
export interface ProcessStat {
  /** What people call it: the file that it runs, or where that may not be seen the kernel's `comm`. Fit to be shown. */
  readonly name: string;
  readonly parent: number;
  /** It has ended, and its parent has not taken notice yet: nothing of it can be read any more. */
  readonly isOver: boolean;
}

/** Longer names are cut: they are for people. */
const MAX_NAME_LENGTH = 64;

/** Undefined when there is no such process. */
export async function processStat(pid: number, procDirectory = "/proc"): Promise<ProcessStat | undefined> {
  let stat: string;
  try {
    stat = await readFile(`${procDirectory}/${pid}/stat`, "utf8");
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
  // The name may hold blanks and parentheses: it ends at the last one.
  const nameEnd = stat.lastIndexOf(")");
  const [state, parent] = stat.slice(nameEnd + 2).split(" ");
  const comm = stat.slice(stat.indexOf("(") + 1, nameEnd);
  return {
    name: shown((await executableName(`${procDirectory}/${pid}/exe`)) ?? comm),
    parent: Number(parent),
    isOver: state === "Z" || state === "X",
  };
}

async function executableName(link: string): Promise<string | undefined> {
  try {
    return basename((await readlink(link)).replace(/ \(deleted\)$/, "")) || undefined;
  } catch {
    return undefined; // A thread of the kernel, one that is over, or not for our eyes.
  }
}

/** The pod chooses its names: they must not move anybody's cursor. */
function shown(name: string): string {
  return name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "\uFFFD").slice(0, MAX_NAME_LENGTH);
}
