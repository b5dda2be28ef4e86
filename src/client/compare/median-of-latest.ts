import { limits } from "./limits.ts";

/** The median of the latest numbers; of more than `limits.summaryDurations` the oldest are forgotten. */
export class MedianOfLatest {
  readonly #latest: number[] = [];
  #next = 0;

  add(value: number | undefined): void {
    if (value === undefined || !Number.isFinite(value)) return;
    this.#latest[this.#next] = value;
    this.#next = (this.#next + 1) % limits.summaryDurations;
  }

  /** Null without any. The lower one of two in the middle. */
  get median(): number | null {
    const sorted = this.#latest.toSorted((one, other) => one - other);
    return sorted[(sorted.length - 1) >> 1] ?? null;
  }
}
