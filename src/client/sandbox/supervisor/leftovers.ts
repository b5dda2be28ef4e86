import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import type { OrphanId } from "./adopted-orphans.ts";
import { readProcess, readProcessStat, type RunMark } from "../../process/index.ts";

/** By what the processes of a run are known when the program itself has ended. */
export interface RunTraces {
  /** In their environments. */
  readonly mark: RunMark;
  /**
   * Who adopts those that lose their parents, as long as he lives, and how many filters of system calls he has himself:
   * a child of his that has more is the run's.
   */
  readonly guardian?: { readonly pid: number; readonly filters: number };
  /** Processes that were seen before. */
  readonly known?: readonly OrphanId[];
}

/** How long a process may be about to end by itself, as the ones between sudo and its program, before anything is said. */
const ENDING_MS = 100;
/** How long what is left behind has to end by itself, by SIGTERM. */
const GRACE_MS = 1000;
/** How long the kernel has for what SIGKILL has ended; a process that waits for a disk may take longer. */
const KILLED_MS = 2000;
const LOOK_AGAIN_MS = 20;

/**
 * Ends what a program has left behind: by SIGTERM, and after a second by SIGKILL. Tells which processes, once; what ends by
 * itself within a moment is not spoken of. Settles when they are gone; quickly when there are none.
 */
export async function endLeftovers(run: RunTraces, onNotice: (message: string) => void): Promise<void> {
  const first = await stayingLeftovers(run);
  if (first.length === 0) return;
  const names = first.map((pid) => `${readProcess(pid)?.name ?? "a process"} (${pid})`);
  const shown = names.slice(0, 5).join(", ") + (names.length > 5 ? ` and ${names.length - 5} more` : "");
  onNotice(`the program has ended; what it left running is ended too: ${shown}`);
  const asked = new Set<number>();
  const graceEnd = performance.now() + GRACE_MS;
  for (let left = first; left.length > 0; left = findLeftovers(run)) {
    const isOver = performance.now() >= graceEnd;
    if (performance.now() >= graceEnd + KILLED_MS) return;
    for (const pid of left) {
      if (isOver) send(pid, "SIGKILL");
      else if (!asked.has(pid)) {
        asked.add(pid);
        send(pid, "SIGTERM");
        // One that is stopped cannot end.
        send(pid, "SIGCONT");
      }
    }
    await delay(LOOK_AGAIN_MS);
  }
}

async function stayingLeftovers(run: RunTraces): Promise<number[]> {
  const untilMs = performance.now() + ENDING_MS;
  for (;;) {
    const left = findLeftovers(run);
    if (left.length === 0 || performance.now() >= untilMs) return left;
    await delay(LOOK_AGAIN_MS);
  }
}

/** Ends them at once. Gives how many there were. */
export function killLeftovers(run: RunTraces): number {
  const left = findLeftovers(run);
  for (const pid of left) send(pid, "SIGKILL");
  return left.length;
}

/**
 * The living processes of a run: those that carry its mark, children of the guardian with more filters than it has, and all
 * that is below any of these. Walks /proc, some milliseconds. Who has cleared his environment and lost his parents is
 * known by his filter only.
 */
export function findLeftovers(run: RunTraces): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    const stat = readProcessStat(pid);
    if (stat !== undefined && !stat.isEnding) parents.set(pid, stat.parentPid);
  }
  const verdicts = new Map<number, boolean>();
  const isOfRun = (pid: number): boolean => {
    const known = verdicts.get(pid);
    if (known !== undefined) return known;
    // A circle cannot be, but /proc is not read in one moment.
    verdicts.set(pid, false);
    const parent = parents.get(pid);
    const isIt =
      pid !== process.pid &&
      parent !== undefined &&
      (run.mark.isOn(pid) || isKnown(pid, run) || carriesFilter(pid, parent, run) || isOfRun(parent));
    verdicts.set(pid, isIt);
    return isIt;
  };
  return [...parents.keys()].filter(isOfRun);
}

function carriesFilter(pid: number, parent: number, run: RunTraces): boolean {
  const { guardian } = run;
  return guardian !== undefined && parent === guardian.pid && filterCount(pid) > guardian.filters;
}

function isKnown(pid: number, run: RunTraces): boolean {
  const known = run.known?.find((orphan) => orphan.pid === pid);
  return known !== undefined && readProcessStat(pid)?.startTime === known.startTime;
}

/** How many filters of system calls a process has, as Linux 5.9 and later tell; 0 when it does not say. */
export function filterCount(pid: number): number {
  try {
    const found = /^Seccomp_filters:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"));
    return Number(found?.[1] ?? 0);
  } catch {
    return 0; // gone
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone, or another user's by now.
  }
}
