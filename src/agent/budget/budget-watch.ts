import { type AgentMetrics, type Health, HistogramWindow } from "../metrics/index.ts";
import { Budget, type Measured } from "./budget.ts";
import type { Limits } from "./limits.ts";
import { LoopDelay, type LoopDelays } from "./loop-delay.ts";

const LOOK_EVERY_MS = 1_000;
/** Fewer reads than this say nothing of the slowest in a hundred. */
const MIN_TIMED_READS = 10;

/**
 * Measures once a second what the agent does to bystanders, and says once when it is too much. The measurement runs on the
 * loop that it measures: one that stands still is not judged here but loses the lease of its ports.
 */
export class BudgetWatch {
  readonly #budget: Budget;
  readonly #metrics: AgentMetrics;
  readonly #handling: HistogramWindow;
  readonly #delay = new LoopDelay();
  readonly #onOver: (why: string) => void;
  readonly #timer: NodeJS.Timeout;
  #loopDelayMs: LoopDelays | undefined;

  /** `onOver` is called once; who made the watch closes it. The metrics are given a look each time, too. */
  constructor(options: {
    readonly limits: Limits;
    readonly metrics: AgentMetrics;
    readonly onOver: (why: string) => void;
  }) {
    this.#budget = new Budget(options.limits);
    this.#metrics = options.metrics;
    this.#handling = new HistogramWindow(options.metrics.inbound.handlingMs);
    this.#onOver = options.onOver;
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS);
    this.#timer.unref();
  }

  get health(): Health {
    return { loopDelayMs: this.#loopDelayMs, rssBytes: process.memoryUsage.rss() };
  }

  /** Safe to call twice. */
  close(): void {
    clearInterval(this.#timer);
    this.#delay.stop();
  }

  #look(): void {
    const loopDelayMs = this.#delay.look();
    this.#loopDelayMs = loopDelayMs;
    this.#metrics.look();
    const addedLatencyMs = this.#addedLatency();
    const why = this.#budget.judge({ loopDelayMs, addedLatencyMs, rssBytes: process.memoryUsage.rss() });
    if (why === undefined) return;
    this.close();
    this.#onOver(why);
  }

  #addedLatency(): Measured["addedLatencyMs"] {
    this.#handling.look();
    if (this.#handling.count < MIN_TIMED_READS) return undefined;
    const [p50, p99] = [this.#handling.quantile(0.5), this.#handling.quantile(0.99)];
    return p50 === undefined || p99 === undefined ? undefined : { p50, p99 };
  }
}
