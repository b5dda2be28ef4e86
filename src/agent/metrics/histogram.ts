/**
 * How often values fell where: fixed upper bounds, ascending, and everything above the last of them. Recording adds to two
 * numbers and allocates nothing.
 */
export class Histogram {
  /** Upper bounds, each included (Prometheus: `le`). */
  readonly bounds: readonly number[];
  /** One more than there are bounds; not cumulative. */
  readonly counts: Float64Array;
  sum = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = new Float64Array(bounds.length + 1);
  }

  record(value: number): void {
    const { bounds, counts } = this;
    let index = 0;
    while (index < bounds.length && value > (bounds[index] as number)) index++;
    counts[index] = (counts[index] as number) + 1;
    this.sum += value;
  }

  get count(): number {
    return this.counts.reduce((sum, count) => sum + count, 0);
  }
}

/**
 * The value below which the share `quantile` of what was counted lies, no more exact than the bounds are: between two of
 * them it is taken for evenly spread, above the last it is that bound. Undefined when nothing was counted.
 */
export function quantileOf(
  counts: ArrayLike<number>,
  bounds: readonly number[],
  quantile: number,
): number | undefined {
  let total = 0;
  for (let index = 0; index < counts.length; index++) total += counts[index] as number;
  if (total === 0) return undefined;
  let left = quantile * total;
  let lower = 0;
  for (const [index, upper] of bounds.entries()) {
    const count = counts[index] as number;
    if (count >= left && count > 0) return lower + (upper - lower) * Math.max(0, left / count);
    left -= count;
    lower = upper;
  }
  return lower;
}

/** Quantiles of what a histogram has counted since the last look, however long it has been counting. */
export class HistogramWindow {
  readonly #histogram: Histogram;
  readonly #before: Float64Array;
  readonly #since: Float64Array;

  constructor(histogram: Histogram) {
    this.#histogram = histogram;
    this.#before = histogram.counts.slice();
    this.#since = new Float64Array(histogram.counts.length);
  }

  /** Begins a new window; what `quantile` gives is of the one that ends now. */
  look(): void {
    const { counts } = this.#histogram;
    for (let index = 0; index < counts.length; index++)
      this.#since[index] = (counts[index] as number) - (this.#before[index] as number);
    this.#before.set(counts);
  }

  /** How many values there were. */
  get count(): number {
    return this.#since.reduce((sum, count) => sum + count, 0);
  }

  quantile(quantile: number): number | undefined {
    return quantileOf(this.#since, this.#histogram.bounds, quantile);
  }
}
