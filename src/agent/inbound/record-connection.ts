import { formatEndpoint } from "../../kernel/index.ts";
import type { Subscription } from "../routing/index.ts";
import type { Recording } from "../trace/index.ts";
import type { Link, OpaqueReason } from "./link.ts";

/** Tells of a connection that is passed on unread from now on; gives undefined when nobody listens to its port. */
export function recordOpaque(link: Link, reason: OpaqueReason, requestId?: string): Recording | undefined {
  // Of the request that upgraded it was told already.
  if (!link.trace.isHeard(link.original.port) || reason === "upgraded") return undefined;
  return link.trace.begin(
    factsOf(link),
    {
      verdict: "opaque",
      reason: withNote(reason, link.tlsNote),
      explanation: null,
      subscription: null,
      session: null,
      failure: null,
    },
    requestId,
  );
}

/** Tells of a connection whose bytes a session gets, whatever they are; `reason` says what they are not. */
export function recordStolenBytes(
  link: Link,
  stolen: { readonly by: Subscription; readonly reason: OpaqueReason; readonly requestId: string },
): Recording | undefined {
  const { by, reason, requestId } = stolen;
  const { holder } = by;
  const everything = `everything on this port is stolen (session ${holder.id}, ${holder.name})`;
  return link.trace.begin(
    factsOf(link),
    {
      verdict: "stolen-raw",
      reason: withNote(everything, reason.startsWith("tls: ") ? reason : undefined),
      explanation: null,
      subscription: by.id,
      session: holder.id,
      failure: null,
    },
    requestId,
  );
}

function factsOf(link: Link) {
  const { port } = link.original;
  const revision = link.routes()?.revision ?? 0;
  return { port, peer: formatEndpoint(link.peer), method: "", target: "", revision };
}

function withNote(reason: string, note: string | undefined): string {
  return note === undefined ? reason : `${reason}; ${note}`;
}
