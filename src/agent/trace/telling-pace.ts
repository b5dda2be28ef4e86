/** So many decisions may be told at once, and so many a second in the long run. */
const BURST = 2_000;
const PER_SECOND = 2_000;

/**
 * How fast one listener is told. To tell a decision is to explain it, some 25 µs (2026-11-29, three filters): those who use
 * the pod must not pay for a busy port that somebody watches. It has no clock: every call brings the time.
 */
export class TellingPace {
  #left = BURST;
  #atMs = 0;

  /** Whether one more may be told now; then it is counted. */
  take(nowMs: number): boolean {
    const gained = (Math.max(nowMs - this.#atMs, 0) * PER_SECOND) / 1_000;
    this.#left = Math.min(BURST, this.#left + gained);
    this.#atMs = nowMs;
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }
}
