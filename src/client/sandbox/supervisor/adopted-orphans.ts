import { readdirSync, readFileSync } from "node:fs";
import { childChange } from "../../../kernel/index.ts";
import { readProcessStat } from "../../process/index.ts";
import { filterCount } from "./leftovers.ts";

/** A process for all times: pids are used again. */
export interface OrphanId {
  readonly pid: number;
  /** As /proc/<pid>/stat tells. */
  readonly startTime: number;
}

/** A run that leaves more orphans than this has those that came later found by their marks only. */
const MAX_TOLD = 1000;

/**
 * Looks after the processes that lost their parents and became our children (PR_SET_CHILD_SUBREAPER(2const)): takes leave
 * of those that have ended, as init(1) does of all others, and tells of those that live, so that they are known when we
 * are killed ourselves.
 *
 * Node waits for its own children at once, so that whoever is seen dead at two looks is nobody's but ours. Of the living
 * ones a filter of system calls that we do not have ourselves tells which are the program's. Looks do nothing on kernels that
 * do not list children (CONFIG_PROC_CHILDREN).
 */
export class AdoptedOrphans {
  readonly #filtersAbove: number;
  readonly #onAdopted: (orphan: OrphanId) => void;
  readonly #told = new Map<number, number>();
  #dead = new Set<number>();

  constructor(options: { filtersAbove?: number; onAdopted?: (orphan: OrphanId) => void } = {}) {
    this.#filtersAbove = options.filtersAbove ?? Number.POSITIVE_INFINITY;
    this.#onAdopted = options.onAdopted ?? (() => undefined);
  }

  /** To be called some times a second. `program` is waited for by somebody else. */
  look(program: number): void {
    const dead = new Set<number>();
    for (const pid of children()) {
      if (pid === program) continue;
      const stat = readProcessStat(pid);
      if (stat === undefined) continue;
      if (!stat.isEnding) this.#tell({ pid, startTime: stat.startTime });
      else if (this.#dead.has(pid)) childChange(pid);
      else dead.add(pid);
    }
    this.#dead = dead;
  }

  #tell(orphan: OrphanId): void {
    if (this.#told.get(orphan.pid) === orphan.startTime || this.#told.size >= MAX_TOLD) return;
    if (filterCount(orphan.pid) <= this.#filtersAbove) return;
    this.#told.set(orphan.pid, orphan.startTime);
    this.#onAdopted(orphan);
  }
}

function children(): number[] {
  try {
    return readdirSync("/proc/self/task")
      .map((tid) => readFileSync(`/proc/self/task/${tid}/children`, "latin1"))
      .flatMap((pids) => pids.trim().split(" "))
      .filter((pid) => pid !== "")
      .map(Number);
  } catch {
    return []; // a thread has just ended, or this kernel does not tell
  }
}
