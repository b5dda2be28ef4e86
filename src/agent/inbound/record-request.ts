import type { RequestHead } from "../../http/index.ts";
import { formatEndpoint } from "../../kernel/index.ts";
import { type PortRoutes, reasonFor, type Subscription } from "../routing/index.ts";
import type { Recording } from "../trace/index.ts";
import type { Link } from "./link.ts";

/** Begins to tell of a decided request; gives undefined when nobody listens to its port. */
export function recordRequest(
  link: Link,
  decision: {
    readonly routes: PortRoutes | undefined;
    readonly head: RequestHead;
    readonly chosen: Subscription | undefined;
    readonly requestId?: string;
  },
): Recording | undefined {
  const { port } = link.original;
  const { routes, head, chosen, requestId } = decision;
  if (routes === undefined || !link.trace.isHeard(port)) return undefined;
  return link.trace.begin(
    {
      port,
      peer: formatEndpoint(link.peer),
      method: head.method,
      target: head.target,
      revision: routes.revision,
    },
    {
      verdict: chosen === undefined ? "original" : "stolen",
      reason: `${reasonFor(routes, head, chosen)}${link.tlsNote === undefined ? "" : `; ${link.tlsNote}`}`,
      explanation: null,
      subscription: chosen?.id ?? null,
      session: chosen?.holder.id ?? null,
      failure: null,
    },
    requestId,
  );
}
