import type { Holder, Subscription } from "../../../src/agent/routing/index.ts";
import { compileFilter, parseFilter } from "../../../src/filters/index.ts";
import { type Http1Request, parseRequestHead } from "../../../src/http/index.ts";

let lastId = 0;

/** A subscription of a session that opens no streams. `filter` may be `everything`. */
export function subscriptionOf(
  filter: string,
  options: {
    priority?: number;
    port?: number;
    holder?: string;
    probes?: Subscription["probes"];
    podProbes?: NonNullable<Subscription["podProbes"]>;
    onTell?: (notice: string) => void;
  } = {},
): Subscription {
  const name = options.holder ?? "ann";
  const holder: Holder = { id: `s-${name}`, name, isAway: false, openStream: () => undefined };
  const tree = filter === "everything" ? undefined : parseFilter(filter);
  return {
    id: ++lastId,
    holder,
    port: options.port ?? 80,
    filter: tree === undefined ? undefined : { tree, compiled: compileFilter(tree) },
    mirror: undefined,
    priority: options.priority ?? 0,
    onLocalFailure: "original",
    probes: options.probes ?? "original",
    podProbes: options.podProbes ?? [],
    readsHttp2: false,
    tls: undefined,
    count: { requests: 0 },
    allowance: undefined,
    isKept: false,
    tell: ({ message }) => options.onTell?.(message),
    end: () => undefined,
    tellOnce: () => undefined,
  };
}

/** A request of its head. @throws Error when the head is ambiguous */
export function requestOf(head: string): Http1Request {
  const request = parseRequestHead(Buffer.from(head, "latin1"));
  if ("ambiguity" in request) throw new Error(request.ambiguity);
  return request;
}
