import { sameFilter } from "../../filters/index.ts";
import { PortRoutes } from "./port-routes.ts";
import type { Subscription } from "./subscription.ts";

/** Two subscriptions that cannot stand beside each other. */
export class RouteConflict extends Error {
  override readonly name = "RouteConflict";
  readonly code: "port-held" | "same-filter";
  /** Which one was first. */
  readonly first: Subscription;

  constructor(code: "port-held" | "same-filter", about: { first: Subscription; message: string }) {
    super(about.message);
    this.code = code;
    this.first = about.first;
  }
}

/** One subscription in the place of another on the same port. */
export interface Replacement {
  readonly before: Subscription;
  readonly after: Subscription;
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
    const before = this.#ports.get(subscription.port)?.byAge ?? [];
    for (const other of before) refuseClash(subscription, other);
    return this.#set(subscription.port, [...before, subscription]);
  }

  /** Removes a subscription; one that is not there is no error. */
  remove(subscription: Subscription): void {
    const before = this.#ports.get(subscription.port)?.byAge ?? [];
    if (!before.includes(subscription)) return;
    this.#set(
      subscription.port,
      before.filter((other) => other !== subscription),
    );
  }

  /**
   * Puts subscriptions in the place and age of others, all in one revision: no request is decided without either.
   * Gives that revision.
   * @throws RouteConflict as `add` does, and then nothing has changed
   */
  replace(replacements: readonly Replacement[]): number {
    const ports = new Map<number, readonly Subscription[]>();
    for (const { before, after } of replacements) {
      const held = ports.get(before.port) ?? this.#ports.get(before.port)?.byAge ?? [];
      ports.set(
        before.port,
        held.map((other) => (other === before ? after : other)),
      );
    }
    for (const { after } of replacements)
      for (const other of ports.get(after.port) ?? []) if (other !== after) refuseClash(after, other);
    const revision = ++this.#revision;
    for (const [port, subscriptions] of ports)
      this.#ports.set(port, new PortRoutes({ port, revision, subscriptions }));
    return revision;
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
    throw new RouteConflict("port-held", {
      first: other,
      message: `port ${other.port} is held without a filter by ${holder}`,
    });
  if (wanted.filter === undefined || other.filter === undefined) return;
  if (sameFilter(wanted.filter.tree, other.filter.tree))
    throw new RouteConflict("same-filter", {
      first: other,
      message: `the same filter on port ${other.port} is held by ${holder}`,
    });
}
