import { sameFilter } from "../../filters/index.ts";
import { PortRoutes } from "./port-routes.ts";
import type { Subscription } from "./subscription.ts";

/** Two subscriptions that cannot stand beside each other. `holder` is who was first. */
export class RouteConflict extends Error {
  override readonly name = "RouteConflict";
  readonly code: "port-held" | "same-filter";

  constructor(code: "port-held" | "same-filter", message: string) {
    super(message);
    this.code = code;
  }
}

/** Every subscription of the agent, by port. `onPortsChanged` is told when a port gains its first or loses its last. */
export class Routes {
  readonly #ports = new Map<number, PortRoutes>();
  readonly #onPortsChanged: () => void;
  #revision = 0;

  constructor(options: { onPortsChanged: () => void }) {
    this.#onPortsChanged = options.onPortsChanged;
  }

  of(port: number): PortRoutes | undefined {
    return this.#ports.get(port);
  }

  /** The ports that somebody has subscribed to. */
  ports(): number[] {
    return [...this.#ports.keys()];
  }

  /**
   * Adds a subscription and gives the revision that decides with it.
   * @throws RouteConflict for a steal, when another session holds the port without a filter, or the very same filter on it
   */
  add(subscription: Subscription): number {
    const before = this.#of(subscription.port);
    for (const other of before) refuseClash(subscription, other);
    return this.#set(subscription.port, [...before, subscription]);
  }

  /** Removes a subscription; one that is not there is no error. */
  remove(subscription: Subscription): void {
    const before = this.#of(subscription.port);
    if (!before.includes(subscription)) return;
    this.#set(
      subscription.port,
      before.filter((other) => other !== subscription),
    );
  }

  #of(port: number): readonly Subscription[] {
    const routes = this.#ports.get(port);
    return routes === undefined ? [] : [...routes.subscriptions, ...(routes.mirrors?.all ?? [])];
  }

  #set(port: number, subscriptions: readonly Subscription[]): number {
    const wasHeld = this.#ports.has(port);
    const revision = ++this.#revision;
    if (subscriptions.length === 0) this.#ports.delete(port);
    else this.#ports.set(port, new PortRoutes({ port, revision, subscriptions }));
    if (wasHeld !== this.#ports.has(port)) this.#onPortsChanged();
    return revision;
  }
}

function refuseClash(wanted: Subscription, other: Subscription): void {
  // A mirror takes nothing away from anybody.
  if (wanted.mirror !== undefined || other.mirror !== undefined) return;
  const holder = `session ${other.holder.id} (${other.holder.name})`;
  if (wanted.filter === undefined && other.filter === undefined)
    throw new RouteConflict("port-held", `port ${other.port} is held without a filter by ${holder}`);
  if (wanted.filter === undefined || other.filter === undefined) return;
  if (sameFilter(wanted.filter.tree, other.filter.tree))
    throw new RouteConflict("same-filter", `the same filter on port ${other.port} is held by ${holder}`);
}
