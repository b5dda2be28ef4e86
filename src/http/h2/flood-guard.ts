import { Http2Error } from "./errors.ts";
import { type Rate, TokenBucket } from "./token-bucket.ts";

/**
 * What costs the sender next to nothing:
 * - `reset`: a stream that its client ended with RST_STREAM before it was answered (CVE-2023-44487);
 * - `settings`, `ping`: each must be answered (CVE-2019-9512, CVE-2019-9515);
 * - `empty-data`: DATA without content and without END_STREAM (CVE-2019-9518);
 * - `ignored`: PRIORITY, late frames on stolen streams, and whatever else is swallowed (CVE-2019-9513).
 */
export type FloodKind = "reset" | "settings" | "ping" | "empty-data" | "ignored";

/**
 * Far above what clients do: gRPC pings to measure its way, a page that is left cancels a hundred streams at
 * once. nghttp2 allows 1,000 resets and 33 a second.
 */
export const FLOOD_RATES: Readonly<Record<FloodKind, Rate>> = {
  reset: { burst: 1_000, perSecond: 100 },
  settings: { burst: 100, perSecond: 10 },
  ping: { burst: 1_000, perSecond: 100 },
  "empty-data": { burst: 1_000, perSecond: 100 },
  ignored: { burst: 10_000, perSecond: 1_000 },
};

/** Counts, for one connection, what may come but not too often. */
export class FloodGuard {
  readonly #buckets: Readonly<Record<FloodKind, TokenBucket>>;

  constructor(nowMs: number, rates: Readonly<Record<FloodKind, Rate>> = FLOOD_RATES) {
    this.#buckets = {
      reset: new TokenBucket(rates.reset, nowMs),
      settings: new TokenBucket(rates.settings, nowMs),
      ping: new TokenBucket(rates.ping, nowMs),
      "empty-data": new TokenBucket(rates["empty-data"], nowMs),
      ignored: new TokenBucket(rates.ignored, nowMs),
    };
  }

  /** @throws Http2Error `flood` when it comes too often; the connection is to be closed. */
  count(kind: FloodKind, nowMs: number): void {
    if (!this.#buckets[kind].take(nowMs)) throw new Http2Error("flood", `too many: ${kind}`);
  }
}
