/**
 * One look at the clock for all that comes of one read: 50 to 100 ns each would be a tenth of what a request of HTTP/2 costs
 * beside the kernel's work, and of those many come in one read.
 *
 * From `hold` to `release` it is the time at which it was first asked for; else it is now.
 */
export class ReadClock {
  #state: "runs" | "held" = "runs";
  /** 0 while nobody has asked. */
  #heldMs = 0;

  /** A read begins. */
  hold(): void {
    this.#state = "held";
    this.#heldMs = 0;
  }

  /** It is over. Whoever is called later, by whatever, sees the time go on. */
  release(): void {
    this.#state = "runs";
  }

  /** By `performance.now()`. */
  get nowMs(): number {
    if (this.#state === "runs") return performance.now();
    if (this.#heldMs === 0) this.#heldMs = performance.now();
    return this.#heldMs;
  }
}
