import type { Limits } from "./limits.ts";
import type { LoopDelays } from "./loop-delay.ts";

/** Looks in a row that must be over the same limit. One of them may be a pause of the machine. */
export const STRIKES = 8;

const BYTES_PER_MB = 1024 * 1024;

/** What one look has shown. */
export interface Measured {
  readonly loopDelayMs: LoopDelays;
  /** Undefined when too few reads were timed to say. */
  readonly addedLatencyMs: { readonly p50: number; readonly p99: number } | undefined;
  readonly rssBytes: number;
}

type Limit = keyof Limits;

/** Judges looks, one a second: over when a limit was exceeded in several of them in a row. */
export class Budget {
  readonly #limits: Limits;
  readonly #strikes: Record<Limit, number> = { maxLoopDelayMs: 0, maxAddedLatencyMs: 0, maxRssMb: 0 };

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** Gives what is to be told when the budget is over, with numbers, or undefined. */
  judge(measured: Measured): string | undefined {
    const { maxLoopDelayMs, maxAddedLatencyMs, maxRssMb } = this.#limits;
    const { loopDelayMs, addedLatencyMs, rssBytes } = measured;
    const overs: [Limit, boolean][] = [
      ["maxLoopDelayMs", loopDelayMs.p99 > maxLoopDelayMs],
      ["maxAddedLatencyMs", addedLatencyMs !== undefined && addedLatencyMs.p99 > maxAddedLatencyMs],
      ["maxRssMb", rssBytes > maxRssMb * BYTES_PER_MB],
    ];
    let over: string | undefined;
    for (const [limit, isOver] of overs) {
      this.#strikes[limit] = isOver ? this.#strikes[limit] + 1 : 0;
      if (this.#strikes[limit] >= STRIKES) over ??= this.#sentence(limit, measured);
    }
    return over;
  }

  #sentence(limit: Limit, { loopDelayMs, addedLatencyMs, rssBytes }: Measured): string {
    const { maxLoopDelayMs, maxAddedLatencyMs, maxRssMb } = this.#limits;
    const { p50 = 0, p99 = 0 } = addedLatencyMs ?? {};
    const what: Record<Limit, string> = {
      maxLoopDelayMs: `its event loop was late by ${ms(loopDelayMs.p99)} (99th percentile; the limit is ${ms(maxLoopDelayMs)})`,
      maxAddedLatencyMs: `it added ${ms(p99)} to requests (99th percentile, the median is ${ms(p50)}; the limit is ${ms(maxAddedLatencyMs)})`,
      maxRssMb: `it held ${mb(rssBytes)} of memory (the limit is ${maxRssMb} MB)`,
    };
    return `${what[limit]} in each of the last ${STRIKES} seconds`;
  }
}

function ms(value: number): string {
  return `${value >= 10 ? value.toFixed(0) : value.toPrecision(2)} ms`;
}

function mb(bytes: number): string {
  return `${(bytes / BYTES_PER_MB).toFixed(0)} MB`;
}
