import { decidingClause, explain } from "../../filters/index.ts";
import type { RequestHead } from "../../http/index.ts";
import type { PortRoutes } from "./port-routes.ts";
import type { Subscription } from "./subscription.ts";

/** How many subscriptions are named in a reason; the rest is only counted. */
const MAX_NAMED = 3;

/** One sentence that says why a request went where it went. Costs an explanation: ask only when somebody listens. */
export function reasonFor(routes: PortRoutes, head: RequestHead, chosen: Subscription | undefined): string {
  if (chosen !== undefined) return reasonOf(chosen, head);
  if (routes.subscriptions.length === 0) return "nobody steals on this port";
  const named = routes.subscriptions.slice(0, MAX_NAMED).map((other) => reasonOf(other, head));
  const unnamed = routes.subscriptions.length - named.length;
  return unnamed === 0 ? named.join("; ") : `${named.join("; ")}; and ${unnamed} other filters do not match`;
}

function reasonOf({ filter, holder }: Subscription, head: RequestHead): string {
  const sentence =
    filter === undefined ? "everything on this port is stolen" : decidingClause(explain(filter.tree, head));
  return `${sentence} (session ${holder.id}, ${holder.name})`;
}
