import type { RequestHead } from "../../http/index.ts";
import { askedSubscription, type PortRoutes, type Subscription } from "../routing/index.ts";
import type { Recording } from "../trace/index.ts";
import type { Link } from "./link.ts";

/** A request that was decided. */
export interface DecidedRequest {
  readonly routes: PortRoutes | undefined;
  readonly head: RequestHead;
  /** The session that gets it; undefined where it is the app's. */
  readonly chosen?: Subscription | undefined;
  /** Of HTTP/2: the size of its field list. */
  readonly headBytes?: number;
}

/** Counts a request that is the app's, and begins to remember a decided one; gives undefined where nobody has subscribed to the port. */
export function recordRequest(
  link: Link,
  { routes, head, chosen, headBytes }: DecidedRequest,
): Recording | undefined {
  // What is stolen is counted where it is offered.
  const spared = chosen === undefined ? routes?.sparedProbe : undefined;
  if (chosen === undefined)
    link.counts[head.version === "2" ? "http2" : "http1"][spared === undefined ? "original" : "probe"]++;
  if (routes === undefined) return undefined;
  const { asked } = routes;
  if (chosen === undefined) {
    const recording = link.trace.passed(link, asked, head, headBytes);
    if (spared === undefined) return recording;
    recording.isProbe = true;
    recording.reason = `${spared} goes to the app`;
    return recording;
  }
  return link.trace.stolen(link, { routes: asked, by: askedSubscription(chosen), head }, headBytes);
}
