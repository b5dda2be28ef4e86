import type { ResetCode } from "../../protocol/index.ts";
import { Histogram } from "./histogram.ts";

/** Milliseconds: from what a look at a small request takes to what nobody wants to wait for. */
const HANDLING_BOUNDS_MS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000];
/** One read in so many is timed: two looks at the clock cost 60 ns. A power of two. */
const SAMPLE_EVERY = 16;

/**
 * What came in and what became of it, counted where it happens by adding to a number of this object: nothing is made for a
 * request, nobody is asked.
 */
export class InboundCounts {
  /** Requests by who they were given to first; a stolen one that failed may have gone to the app after all. */
  readonly http1 = { original: 0, stolen: 0, probe: 0 };
  readonly http2 = { original: 0, stolen: 0, probe: 0 };
  /** Connections by what they turned out to carry; one that changed over is counted under both. */
  readonly connections = { accepted: 0, http1: 0, http2: 0, tls: 0, opaque: 0, stolen: 0, probe: 0 };
  /** Stolen requests and connections that no answer came of, by the code of their reset. */
  readonly failures: Partial<Record<ResetCode, number>> = {};
  /** Copies for sessions that mirror. */
  readonly copies = { sent: 0, dropped: 0, failed: 0, skipped: 0, answersDropped: 0 };
  /** Connections that the agent ended by RST. */
  resets = 0;
  readonly bytes = { fromClient: 0, fromApp: 0 };
  /**
   * What passing through the agent adds, in milliseconds, one read in 16: from a read's arrival to its bytes being handed
   * to the other side's socket, or held. What waits for the event loop before that is not in it.
   */
  readonly handlingMs = new Histogram(HANDLING_BOUNDS_MS);
  #reads = 0;

  /** A session was given a request, or a connection as it is. */
  stolen(kind: "http1" | "http2" | "tcp"): void {
    if (kind === "tcp") this.connections.stolen++;
    else this[kind].stolen++;
  }

  failed(code: ResetCode): void {
    this.failures[code] = (this.failures[code] ?? 0) + 1;
  }

  /** Gives when the handling of a read begins, if it is one that is timed; else 0. */
  beginRead(): number {
    return (++this.#reads & (SAMPLE_EVERY - 1)) === 0 ? performance.now() : 0;
  }

  /** Ends what `beginRead` began; to be called for timed reads only. */
  endRead(startedMs: number): void {
    this.handlingMs.record(performance.now() - startedMs);
  }
}
