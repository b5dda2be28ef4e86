/** A lapse is the likely cause of what is found within this time after it: as long as a few looks at a port. */
const RECENT_MS = 60_000;

/** How the renewals of a lease went. Times are of a monotonic clock, in milliseconds. */
export class LeaseRecord {
  /** Renewals that the kernel has taken. */
  renewals = 0;
  failures = 0;
  readonly #leaseMs: number;
  /** When the last renewal was asked for: the kernel's time began no earlier. */
  #askedAtMs: number;
  #lapse: { readonly forMs: number; readonly endedAtMs: number } | undefined;

  constructor(options: { leaseMs: number; nowMs: number }) {
    this.#leaseMs = options.leaseMs;
    this.#askedAtMs = options.nowMs;
  }

  renewed({ askedAtMs, nowMs }: { readonly askedAtMs: number; readonly nowMs: number }): void {
    this.renewals++;
    const forMs = nowMs - this.#askedAtMs;
    if (forMs > this.#leaseMs) this.#lapse = { forMs, endedAtMs: nowMs };
    this.#askedAtMs = askedAtMs;
  }

  failed(): void {
    this.failures++;
  }

  /** How long nothing was renewed, where that is longer than the lease: just now, or until a short while ago. */
  recentLapseMs(nowMs: number): number | undefined {
    const sinceMs = nowMs - this.#askedAtMs;
    if (sinceMs > this.#leaseMs) return sinceMs;
    const lapse = this.#lapse;
    return lapse !== undefined && nowMs - lapse.endedAtMs < RECENT_MS ? lapse.forMs : undefined;
  }
}
