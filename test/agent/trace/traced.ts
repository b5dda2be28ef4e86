import { PortRoutes, type Subscription } from "../../../src/agent/routing/index.ts";
import { anybody, type Reader, type Recording, type Trace } from "../../../src/agent/trace/index.ts";
import type { RequestHead } from "../../../src/http/index.ts";
import { requestOf, subscriptionOf } from "../routing/subscription-of.ts";

/** A connection that is remembered. */
export const link = {
  peer: { family: 4, address: "10.0.0.9", port: 4_000 },
  original: { family: 4, address: "10.0.0.1", port: 80 },
  tlsNote: undefined,
} as const;

/** The routes of port 80 in one revision; each holder's name with its filter. */
export function routesOf(
  subscriptions: readonly (readonly [holder: string, filter: string])[],
  revision = 3,
): PortRoutes {
  return new PortRoutes({
    port: 80,
    revision,
    subscriptions: subscriptions.map(([holder, filter]) => subscriptionOf(filter, { holder })),
  });
}

/** Lets a trace remember a request as the agent would, decided by the routes. `headBytes` of HTTP/2. */
export function decided(
  trace: Trace,
  routes: PortRoutes,
  head: RequestHead | string,
  headBytes = 0,
): { readonly recording: Recording; readonly chosen: Subscription | undefined } {
  const request = typeof head === "string" ? requestOf(head) : head;
  const chosen = routes.decide(request);
  const by = routes.asked.subscriptions[chosen === undefined ? -1 : routes.subscriptions.indexOf(chosen)];
  const recording =
    by === undefined
      ? trace.passed(link, routes.asked, request, headBytes)
      : trace.stolen(link, { routes: routes.asked, by, head: request }, headBytes);
  return { recording, chosen };
}

/** The eyes of a session of `subscriptionOf`. */
export function eyesOf(holder: string, more: Partial<Reader> = {}): Reader {
  return { ...anybody, session: `s-${holder}`, ...more };
}
