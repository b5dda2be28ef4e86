import { type Filter, sameFilter } from "../../filters/index.ts";
import type { FilterChange } from "./delivering-session.ts";

/** A session that may have another filter by now. */
interface FilteredSession {
  filterOf(remotePort: number): Filter | null | undefined;
  setFilter(remotePort: number, filter: Filter | null, options: { signal: AbortSignal }): Promise<void>;
}

/** How long one who sets a filter everywhere may take until we help. */
const gatherMs = 1_000;

/**
 * Makes one change of what becomes of it at each member: when a port has another filter with one of them, it is told once, when
 * all have it. Who does not have it after a second is given it: whoever asked may not have reached all.
 */
export class GatheredFilters {
  readonly #sessions: () => readonly FilteredSession[];
  readonly #tell: (change: FilterChange) => void;
  readonly #signal: AbortSignal;
  readonly #pending = new Map<number, { readonly change: FilterChange; readonly timer: NodeJS.Timeout }>();

  constructor(options: {
    sessions: () => readonly FilteredSession[];
    tell: (change: FilterChange) => void;
    signal: AbortSignal;
  }) {
    this.#sessions = options.sessions;
    this.#tell = options.tell;
    this.#signal = options.signal;
    const stop = (): void => {
      for (const { timer } of this.#pending.values()) clearTimeout(timer);
    };
    options.signal.addEventListener("abort", stop, { once: true });
  }

  /** A session has it now. */
  changed(change: FilterChange): void {
    if (this.#signal.aborted) return;
    const { remote, filter } = change;
    const pending = this.#pending.get(remote);
    if (pending === undefined || !isSameChoice(pending.change.filter, filter)) {
      clearTimeout(pending?.timer);
      const timer = setTimeout(() => void this.#complete(change), gatherMs);
      this.#pending.set(remote, { change, timer });
    }
    if (this.#lacking(change).length === 0) this.#told(remote);
  }

  /** Those who have another one. */
  #lacking({ remote, filter }: FilterChange): FilteredSession[] {
    return this.#sessions().filter((session) => {
      const own = session.filterOf(remote);
      return own !== undefined && !isSameChoice(own, filter);
    });
  }

  #told(remote: number): void {
    const pending = this.#pending.get(remote);
    if (pending === undefined) return;
    clearTimeout(pending.timer);
    this.#pending.delete(remote);
    this.#tell(pending.change);
  }

  async #complete(change: FilterChange): Promise<void> {
    const { remote, filter } = change;
    const signal = AbortSignal.any([this.#signal, AbortSignal.timeout(askMs)]);
    // One that is lost, or has given the port back, needs none.
    await Promise.allSettled(this.#lacking(change).map((one) => one.setFilter(remote, filter, { signal })));
    if (this.#pending.get(remote)?.change === change) this.#told(remote);
  }
}

/** Whether both choose the same requests; null is all of them. */
export function isSameChoice(one: Filter | null | undefined, other: Filter | null): boolean {
  if (one === undefined || one === null || other === null) return one === other;
  return sameFilter(one, other);
}

const askMs = 5_000;
