import { monitorEventLoopDelay } from "node:perf_hooks";

/** How often libuv's own timer measures. It costs fifty native callbacks a second, and sees delays longer than this. */
const RESOLUTION_MS = 20;
const NS_PER_MS = 1e6;

/** How late the event loop was in a stretch of time. */
export interface LoopDelays {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Measures how late the event loop is. Does not keep the process alive; who made it stops it. */
export class LoopDelay {
  readonly #histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });

  constructor() {
    this.#histogram.enable();
  }

  /** The delays since the last look, in milliseconds. A loop that stood still all the time has none. */
  look(): LoopDelays {
    const histogram = this.#histogram;
    const delays = {
      p50: lateMs(histogram.percentile(50)),
      p99: lateMs(histogram.percentile(99)),
      max: lateMs(histogram.max),
    };
    histogram.reset();
    return delays;
  }

  stop(): void {
    this.#histogram.disable();
  }
}

/** What is recorded is the time between two callbacks. */
function lateMs(betweenNs: number): number {
  return Math.max(0, betweenNs / NS_PER_MS - RESOLUTION_MS);
}
