import { readdirSync, readFileSync } from "node:fs";
import { rssBytes } from "../../test/fixtures/proc.ts";

/** CPU time and memory of a process with all its threads and descendants, as of now. */
export interface ProcessUsage {
  readonly cpuMs: number;
  readonly rssBytes: number;
}

/** Reads /proc; a process that ends meanwhile counts as nothing, and so does the tree below `without`. */
export function processUsage(pid: number, { without }: { without?: number } = {}): ProcessUsage {
  let cpuMs = 0;
  let rss = 0;
  for (const member of tree(pid, without)) {
    try {
      for (const thread of readdirSync(`/proc/${member}/task`)) {
        // First number: nanoseconds on a core, finer than the ticks of proc_pid_stat(5).
        const [nanoseconds] = readFileSync(`/proc/${member}/task/${thread}/schedstat`, "utf8").split(" ");
        cpuMs += Number(nanoseconds) / 1e6;
      }
      rss += rssBytes(member);
    } catch {
      // Gone between two reads.
    }
  }
  return { cpuMs, rssBytes: rss };
}

function tree(pid: number, without: number | undefined): number[] {
  if (pid === without) return [];
  const children: number[] = [];
  try {
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      const listed = readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8").trim();
      if (listed !== "") children.push(...listed.split(" ").map(Number));
    }
  } catch {
    return []; // Gone.
  }
  return [pid, ...children.flatMap((child) => tree(child, without))];
}
