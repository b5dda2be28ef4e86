/** What is worth a warning before it ends, at most so long before, and not where that is but a moment. */
const MAX_WARNING_MS = 60_000;
const MIN_WARNING_MS = 1_000;

/** Ends something after a time, and says so a while before: a tenth of the time, at most a minute. */
export class TimeBound implements Disposable {
  /** When it ends, milliseconds since the epoch. */
  readonly until: number;
  readonly #timers: readonly NodeJS.Timeout[];

  constructor(options: { forMs: number; onSoon: (leftMs: number) => void; onOver: () => void }) {
    const { forMs, onSoon, onOver } = options;
    this.until = Date.now() + forMs;
    const warningMs = Math.min(forMs / 10, MAX_WARNING_MS);
    const over = setTimeout(onOver, forMs);
    const soon = setTimeout(() => onSoon(warningMs), forMs - warningMs);
    if (warningMs < MIN_WARNING_MS) clearTimeout(soon);
    this.#timers = [over, soon];
  }

  [Symbol.dispose](): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }
}
