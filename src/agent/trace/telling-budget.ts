/** What of the event loop telling may take in the long run, and how much of that may be saved up. */
const SHARE = 0.1;
const MAX_SAVED_MS = 200;

/**
 * How much of the event loop goes into telling decisions as they end, to all who listen together: however many those are and
 * whatever their filters cost, nine tenths stay with those who use the pod.
 */
export class TellingBudget {
  readonly #now: () => number;
  #leftMs = MAX_SAVED_MS;
  #atMs = 0;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Acts and counts how long that takes; where the share is used up, gives false and does nothing. */
  run(act: () => void): boolean {
    const fromMs = this.#now();
    this.#leftMs = Math.min(MAX_SAVED_MS, this.#leftMs + (fromMs - this.#atMs) * SHARE);
    this.#atMs = fromMs;
    if (this.#leftMs <= 0) return false;
    try {
      act();
    } finally {
      this.#leftMs -= this.#now() - fromMs;
    }
    return true;
  }
}
