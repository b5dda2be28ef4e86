import type { Filter } from "../../filters/index.ts";
import type { Bounds, Unsubscribed } from "../../protocol/index.ts";
import type { SessionEnd } from "../session/index.ts";
import type { SubscriptionPlan } from "../subscription-flags/index.ts";
import {
  DeliveringSession,
  type DeliveryWay,
  type FilterChange,
  type MemberOf,
  type SubscriptionWork,
} from "./delivering-session.ts";
import type { ReadyPort, ReadySession, Reporter } from "./reporter.ts";
import type { SessionStanding } from "./standing.ts";
import { Steps } from "./steps.ts";

/**
 * A session with one agent that has subscribed to the ports of a plan.
 *
 * Opened whole or not at all: `open` leaves nothing behind when it fails.
 */
export class PlannedSession implements AsyncDisposable {
  readonly #delivering: DeliveringSession;
  readonly #spent: Promise<Unsubscribed>;
  readonly #filters: Map<number, Filter | null>;
  readonly #giveBack: (remotePort: number) => void;
  readonly ready: ReadySession;

  private constructor(parts: {
    delivering: DeliveringSession;
    ready: ReadySession;
    spent: Promise<Unsubscribed>;
    filters: Map<number, Filter | null>;
    giveBack: (remotePort: number) => void;
  }) {
    this.#delivering = parts.delivering;
    this.#spent = parts.spent;
    this.#filters = parts.filters;
    this.#giveBack = parts.giveBack;
    this.ready = parts.ready;
  }

  /** Joins the target's agent and subscribes to every port of the plan that stands. @throws ClientError; the signal's reason. */
  static async open(
    plan: SubscriptionPlan,
    about: {
      work: SubscriptionWork;
      /** What of the plan still stands; told of changes. */
      standing: SessionStanding;
      way: DeliveryWay;
      reporter: Reporter;
      member?: MemberOf;
      /** A port has another filter. */
      onFilterChanged?: (change: FilterChange) => void;
      signal: AbortSignal;
    },
  ): Promise<PlannedSession> {
    const { standing, signal, onFilterChanged } = about;
    await using stack = new AsyncDisposableStack();
    const planned = standing.ports;
    const held = new Set(planned.map(({ remotePort }) => remotePort));
    const filters = new Map<number, Filter | null>();
    const spent = Promise.withResolvers<Unsubscribed>();
    const over = (remotePort: number, ended: Unsubscribed): void => {
      if (held.delete(remotePort) && held.size === 0) spent.resolve(ended);
    };
    const remoteOf = new Map<number, number>();
    const delivering = stack.use(
      await DeliveringSession.open(plan, {
        ...about,
        onTaken: (ended) => over(remoteOf.get(ended.id) ?? 0, ended),
        onFilterChanged: (change) => {
          filters.set(change.remote, change.filter);
          onFilterChanged?.(change);
        },
      }),
    );
    standing.begin();
    const boundsOf = planned.map(({ remotePort }) => standing.boundsNow(remotePort) ?? nothingMore);
    const ports: ReadyPort[] = [];
    using steps = new Steps(about.reporter);
    for (const [index, { remotePort, localAddress, localPort }] of planned.entries()) {
      const local = { address: localAddress, port: localPort };
      const bounds = boundsOf[index] ?? nothingMore;
      const filter = standing.filterOf(remotePort);
      filters.set(remotePort, filter);
      steps.next(`asking for port ${remotePort}`);
      remoteOf.set(delivering.session.nextSubscription, remotePort);
      ports.push(await delivering.subscribe({ remotePort, local, filter, bounds }, { signal }));
    }
    steps.done();
    const filter = standing.filterOf(planned[0]?.remotePort ?? 0);
    const ready = delivering.describe({ filter, ports });
    const giveBack = (remotePort: number): void => {
      delivering.giveBack(remotePort);
      over(remotePort, { type: "unsubscribed", id: 0, code: "released", message: "" });
    };
    stack.move();
    return new PlannedSession({ delivering, ready, spent: spent.promise, filters, giveBack });
  }

  /** Settles when the session is over, whoever ended it; never rejects. */
  get ended(): Promise<SessionEnd> {
    return this.#delivering.ended;
  }

  /** Settles when its last subscription has ended, at its bound or as somebody asked; else never. */
  get spent(): Promise<Unsubscribed> {
    return this.#spent;
  }

  /** Exchanges under way. */
  get underWay(): number {
    return this.#delivering.underWay;
  }

  /** By what requests of a port are chosen here. */
  filterOf(remotePort: number): Filter | null | undefined {
    return this.#filters.get(remotePort);
  }

  /** @throws ClientError; the signal's reason */
  async setFilter(
    remotePort: number,
    filter: Filter | null,
    options: { signal: AbortSignal },
  ): Promise<void> {
    await this.#delivering.setFilter(remotePort, filter, options);
  }

  /** Gives one port back: nothing new comes of it, exchanges under way go on. */
  giveBack(remotePort: number): void {
    this.#giveBack(remotePort);
  }

  /** Leaves as `DeliveringSession` does. */
  async leave(options: { boundMs: number; signal: AbortSignal }): Promise<void> {
    await this.#delivering.leave(options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.leave({ boundMs: 0, signal: AbortSignal.abort() });
  }
}

/** The shortest bounds there are, for a port that came to its end while its session was joining. */
const nothingMore: Bounds = { maxRequests: null, forMs: 1 };
