import type { OpeningMeta } from "../../protocol/index.ts";
import type { StreamEvents, TunnelStream } from "../../tunnel/index.ts";
import type { Subscription } from "../routing/index.ts";
import type { Link } from "./link.ts";

/** What is offered, as `OpeningMeta` describes it. */
export interface Offer {
  readonly copy?: OpeningMeta["copy"];
  readonly kind: OpeningMeta["kind"];
  /** Of `http2`: the request has no more than its head. */
  readonly endsWithHead?: boolean;
  readonly requestId: string;
  readonly head: Buffer;
}

/**
 * Offers what a client sent to the session that shall have it, or a copy of it. Gives undefined when that session is over,
 * or may have no more. Of an allowance it is an offer, which its session takes or which is given back; an answer's copy is
 * none.
 */
export function offerTo(
  { id, holder, count, allowance }: Subscription,
  link: Link,
  { copy = "none", kind, endsWithHead = false, requestId, head }: Offer,
  events: StreamEvents,
): TunnelStream | undefined {
  if (copy !== "answer" && allowance?.offer() === false) return undefined;
  const { peer, original } = link;
  const meta = {
    copy,
    kind,
    endsWithHead,
    subscription: id,
    requestId,
    port: original.port,
    peer: { address: peer.address, port: peer.port },
    original: { address: original.address, port: original.port },
    connection: link.id,
    tls: link.tls,
  };
  const stream = holder.openStream(meta, head, events);
  if (stream === undefined) {
    if (copy !== "answer") allowance?.giveBack();
    return undefined;
  }
  if (copy !== "answer") count.requests++;
  if (copy === "none") link.counts.stolen(kind);
  return stream;
}
