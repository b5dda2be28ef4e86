import type { StreamEvents, TunnelStream } from "../../tunnel/index.ts";
import type { Subscription } from "../routing/index.ts";
import type { Link } from "./link.ts";

/** What is offered: a request with its HTTP/1.1 head, or a connection as it is, whose head is empty. */
export interface Offer {
  readonly kind: "http1" | "tcp";
  readonly requestId: string;
  readonly head: Buffer;
}

/** Offers what a client sent to the session that shall have it. Gives undefined when that session is over. */
export function offerTo(
  { id, holder }: Subscription,
  link: Link,
  { kind, requestId, head }: Offer,
  events: StreamEvents,
): TunnelStream | undefined {
  const { peer, original } = link;
  const meta = {
    kind,
    subscription: id,
    requestId,
    port: original.port,
    peer: { address: peer.address, port: peer.port },
    original: { address: original.address, port: original.port },
    connection: link.id,
  };
  return holder.openStream(meta, head, events);
}
