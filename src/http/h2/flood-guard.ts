import { Http2Error } from "./errors.ts";
import { type Rate, TokenBucket } from "./token-bucket.ts";

/**
 * What costs the sender next to nothing:
 * - `reset`: a stream that its client ended with RST_STREAM before it was answered (CVE-2023-44487), or that it had us end,
 *   by breaking a rule of the stream (CVE-2025-8671) or by opening more than we take;
 * - `settings`: each moves the windows of all stolen streams (CVE-2019-9515);
 * - `ping`: each that is answered here (CVE-2019-9512);
 * - `empty-data`: DATA without content and without END_STREAM (CVE-2019-9518);
 * - `ignored`: PRIORITY, late frames on stolen streams, and whatever else is swallowed (CVE-2019-9513).
 */
export type FloodKind = "reset" | "settings" | "ping" | "empty-data" | "ignored";

/**
 * How much of it one connection may do, once streams of it are stolen. Bystanders share that connection, and in a cluster
 * it is often a gateway's, which has many users: each figure is above what honest clients were seen or are documented to
 * do, and so low that a flood at that rate is lost in the noise.
 *
 * | kind | why | others' defaults |
 * |-|-|-|
 * | `reset` | a page that is left cancels a hundred streams; at 100 a second, each an offer taken back (about 0.1 ms), it is 1 % of a core | nghttp2, Node: 1,000 and 33 a second; Envoy: 500, when half of the streams; Netty: 200 in 30 s; Go: none, handlers bounded |
 * | `settings` | clients send one; gRPC a few more while it measures its way, as windows double | nghttp2: 1,000 answers unread; Netty, Go: 10,000 |
 * | `ping` | grpc-go asks once a round trip for as long as data flow, thousands a second within a node. What is answered and not read is bounded by itself | as for `settings` |
 * | `empty-data` | some libraries flush with an empty frame; more than one in a row has no use | Envoy: 1 in a row; Netty: 2 |
 * | `ignored` | a cancelled upload of 1 MB has 64 frames under way; Firefox before 2024 sent PRIORITY for each request | Envoy: 100 PRIORITY a stream; nghttp2: 1,000 and 33 a second of whatever is odd |
 *
 * WINDOW_UPDATE is not counted: it is answered with nothing, or with DATA that somebody wants.
 */
export const FLOOD_RATES: Readonly<Record<FloodKind, Rate>> = {
  reset: { burst: 1_000, perSecond: 100 },
  settings: { burst: 100, perSecond: 10 },
  ping: { burst: 20_000, perSecond: 10_000 },
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
