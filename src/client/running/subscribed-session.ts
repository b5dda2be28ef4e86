import type { Unsubscribed } from "../../protocol/index.ts";
import type { ProcessInfo } from "../process/index.ts";
import type { SessionEnd } from "../session/index.ts";
import type { SubscriptionPlan } from "../subscription-flags/index.ts";
import type { SubscriptionWork } from "./delivering-session.ts";
import { watchFor, type WatchedLocals } from "./watched-locals.ts";
import { PlannedSession } from "./planned-session.ts";
import type { Reporter } from "./reporter.ts";
import type { Standing } from "./standing.ts";

/**
 * A session that has subscribed to the ports of a plan, and watches who listens where their requests go.
 *
 * Opened whole or not at all: `open` leaves nothing behind when it fails.
 */
export class SubscribedSession implements AsyncDisposable {
  readonly #session: PlannedSession;
  readonly #watched: WatchedLocals;

  private constructor(parts: { session: PlannedSession; watched: WatchedLocals }) {
    this.#session = parts.session;
    this.#watched = parts.watched;
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
    const { standing, reporter } = about;
    await using stack = new AsyncDisposableStack();
    const planned = standing.ports;
    const watched = stack.use(watchFor(about));
    const session = stack.use(await PlannedSession.open(plan, { ...about, way: watched.way }));
    reporter.ready(session.ready);
    await watched.watch(planned);
    stack.move();
    return new SubscribedSession({ session, watched });
  }

  /** Settles when the session is over, whoever ended it; never rejects. */
  get ended(): Promise<SessionEnd> {
    return this.#session.ended;
  }

  /** Settles when the agent has ended the last subscription, at its bound or as somebody asked; else never. */
  get spent(): Promise<Unsubscribed> {
    return this.#session.spent;
  }

  /** Exchanges under way. */
  get underWay(): number {
    return this.#session.underWay;
  }

  /** Leaves as `DeliveringSession` does. */
  async leave(options: { boundMs: number; signal: AbortSignal }): Promise<void> {
    await this.#session.leave(options);
    this.#watched[Symbol.dispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.leave({ boundMs: 0, signal: AbortSignal.abort() });
  }
}
