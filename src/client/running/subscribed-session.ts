import type { Bounds, Unsubscribed } from "../../protocol/index.ts";
import { Listeners, type LocalAddress, LocalWatch, type ProcessInfo } from "../process/index.ts";
import type { SessionEnd } from "../session/index.ts";
import type { SubscriptionPlan } from "../subscription-flags/index.ts";
import { DeliveringSession, type SubscriptionWork } from "./delivering-session.ts";
import type { ReadyPort, Reporter } from "./reporter.ts";
import type { Standing } from "./standing.ts";

/**
 * A session that has subscribed to the ports of a plan, and watches who listens where their requests go.
 *
 * Opened whole or not at all: `open` leaves nothing behind when it fails.
 */
export class SubscribedSession implements AsyncDisposable {
  readonly #delivering: DeliveringSession;
  readonly #watch: LocalWatch;
  readonly #spent: Promise<Unsubscribed>;

  private constructor(parts: {
    delivering: DeliveringSession;
    watch: LocalWatch;
    spent: Promise<Unsubscribed>;
  }) {
    this.#delivering = parts.delivering;
    this.#watch = parts.watch;
    this.#spent = parts.spent;
  }

  /**
   * Joins the target's agent and subscribes to every port of the plan.
   * `isOurs` says which processes may have requests; without it whoever listens has them.
   * @throws ClientError; the signal's reason.
   */
  static async open(
    plan: SubscriptionPlan,
    about: {
      work: SubscriptionWork;
      /** What of the plan still stands; told of changes. */
      standing: Standing;
      reporter: Reporter;
      isOurs?: (owner: ProcessInfo) => boolean;
      signal: AbortSignal;
    },
  ): Promise<SubscribedSession> {
    const { work, standing, reporter, signal, isOurs } = about;
    await using stack = new AsyncDisposableStack();
    const planned = standing.ports;
    let left = planned.length;
    const watch = stack.use(
      new LocalWatch({
        listeners: new Listeners(isOurs === undefined ? {} : { isOurs }),
        onChange: (change) => reporter.local(change),
        intervalMs: lookIntervalMs,
      }),
    );
    const spent = Promise.withResolvers<Unsubscribed>();
    const delivering = stack.use(
      await DeliveringSession.open(plan, {
        ...{ work, standing, reporter, signal },
        way: { gate: watch, mustBeUp: isOurs !== undefined },
        onTaken: (ended) => {
          left--;
          if (left === 0) spent.resolve(ended);
        },
      }),
    );
    standing.begin();
    const boundsOf = planned.map(({ remotePort }) => standing.boundsNow(remotePort) ?? nothingMore);
    const ports: ReadyPort[] = [];
    const locals: LocalAddress[] = [];
    for (const [index, { remotePort, localAddress, localPort }] of planned.entries()) {
      const local = { address: localAddress, port: localPort };
      const bounds = boundsOf[index] ?? nothingMore;
      const filter = standing.filterOf(remotePort);
      locals.push(local);
      ports.push(await delivering.subscribe({ remotePort, local, filter, bounds }, { signal }));
    }
    const filter = standing.filterOf(planned[0]?.remotePort ?? 0);
    reporter.ready(delivering.describe({ filter, ports }));
    for (const local of locals) await watch.watch(local);
    stack.move();
    return new SubscribedSession({ delivering, watch, spent: spent.promise });
  }

  /** Settles when the session is over, whoever ended it; never rejects. */
  get ended(): Promise<SessionEnd> {
    return this.#delivering.ended;
  }

  /** Settles when the agent has ended the last subscription, at its bound or as somebody asked; else never. */
  get spent(): Promise<Unsubscribed> {
    return this.#spent;
  }

  /** Exchanges under way. */
  get underWay(): number {
    return this.#delivering.underWay;
  }

  /** Leaves as `DeliveringSession` does. */
  async leave(options: { boundMs: number; signal: AbortSignal }): Promise<void> {
    await this.#delivering.leave(options);
    this.#watch.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.leave({ boundMs: 0, signal: AbortSignal.abort() });
  }
}

/** The shortest bounds there are, for a port that came to its end while its session was joining. */
const nothingMore: Bounds = { maxRequests: null, forMs: 1 };
const lookIntervalMs = 1_000;
