import { type Filter, FilterError, readFilter } from "../../filters/index.ts";
import {
  type Bounds,
  type Copies,
  type Json,
  type Notice,
  ProtocolError,
  type Subscribe,
  type Unsubscribed,
} from "../../protocol/index.ts";
import { type ExchangeEvents, type ExchangeStream, Incoming } from "../incoming/index.ts";
import { Listeners, type LocalAddress, LocalWatch, type ProcessInfo } from "../process/index.ts";
import { rememberSession } from "../own-sessions/index.ts";
import { joinTarget, Session, type SessionEnd } from "../session/index.ts";
import { formatAddress, type SubscriptionPlan } from "../subscription-flags/index.ts";
import { agentOfOthersNotice } from "./agent-of-others.ts";
import { endPredecessor } from "./end-predecessor.ts";
import { aborted } from "./interrupts.ts";
import type { ReadyPort, Reporter } from "./reporter.ts";
import type { Standing } from "./standing.ts";

/** Takes the streams that the agent opens. `Incoming` is one; a mirror has one of its own in front of it. */
export interface StreamReceiver extends Disposable {
  /** Exchanges under way. */
  readonly count: number;
  open(stream: ExchangeStream, opening: Buffer): ExchangeEvents;
  /** Resolves when nothing is under way; rejects with the signal's reason. */
  settled(options: { signal: AbortSignal }): Promise<void>;
  /** Ends in good order what has no end of its own. */
  leave(): void;
  /** Ends all that is under way. */
  close(): void;
}

/** What a command does with the requests that it subscribes to. */
export interface SubscriptionWork {
  readonly terms: Pick<Subscribe, "mode" | "priority" | "onLocalFailure" | "probes" | "mirror"> &
    Partial<Pick<Subscribe, "servedBy">>;
  /** Gives what takes the streams; without it they are delivered and the answers go back. */
  receiverFor?(parts: { incoming: Incoming; session: () => Session }): StreamReceiver;
  /** What became of a mirror's copies so far. */
  onCopies?(copies: Copies): void;
}

/**
 * A session that subscribes: the agent, its subscriptions, and the deliveries to the local program.
 *
 * Opened whole or not at all: `open` leaves nothing behind when it fails, and an agent it started ends with its last client.
 */
export class SubscribedSession implements AsyncDisposable {
  readonly #session: Session;
  readonly #receiver: StreamReceiver;
  readonly #watch: LocalWatch;
  readonly #remembered: Disposable;
  readonly #spent: Promise<Unsubscribed>;

  private constructor(parts: {
    session: Session;
    receiver: StreamReceiver;
    watch: LocalWatch;
    remembered: Disposable;
    spent: Promise<Unsubscribed>;
  }) {
    this.#session = parts.session;
    this.#receiver = parts.receiver;
    this.#watch = parts.watch;
    this.#remembered = parts.remembered;
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
    const locals = new Map<number, LocalAddress>();
    const ports: ReadyPort[] = [];
    const remotes = new Map<number, number>();
    const planned = standing.ports;
    let left = planned.length;
    const watch = stack.use(
      new LocalWatch({
        listeners: new Listeners(isOurs === undefined ? {} : { isOurs }),
        onChange: (change) => reporter.local(change),
        intervalMs: lookIntervalMs,
      }),
    );
    const incoming = stack.use(
      new Incoming({
        localOf: (id) => locals.get(id),
        gate: watch,
        mustBeUp: isOurs !== undefined,
        speech: plan.speech,
        onSilence: (local) => reporter.notice(silenceNotice(local)),
        onTaken: standing.isCounted ? (id) => standing.taken(remotes.get(id) ?? 0) : undefined,
      }),
    );
    const joined: { session?: Session } = {};
    const receiver =
      work.receiverFor === undefined
        ? incoming
        : stack.use(work.receiverFor({ incoming, session: () => joinedOnly(joined.session) }));
    const spent = Promise.withResolvers<Unsubscribed>();
    for (const message of plan.tls.warnings)
      reporter.notice({ type: "notice", level: "warning", code: "certificate", message });
    reporter.progress(`joining ${plan.target.label}`);
    const { carrier, ticket, wayBack } = await joinTarget({ ...plan, lingerMs: agentLingerMs, signal });
    const { graceMs } = plan.loss;
    const { session, welcome } = await Session.join({
      carrier,
      comeBack: graceMs > 0 ? { wayBack, graceMs } : undefined,
      targetLabel: plan.target.label,
      agentPid: ticket.pid,
      name: plan.name,
      signal,
      events: {
        onStream: (stream, opening) => receiver.open(stream, opening),
        onDecision: (decision) => reporter.decision(decision),
        onNotice: (notice) => reporter.notice(notice),
        onConnection: (change) => reporter.connection(change),
        onCopies: (copies) => work.onCopies?.(copies),
        onFilterChanged: ({ id, filter, revision, by }) => {
          const remote = remotes.get(id) ?? 0;
          const changed = filter === null ? null : readChanged(filter);
          standing.filterChanged(remote, changed);
          reporter.filterChanged({ remote, subscription: id, filter: changed, revision, by });
        },
        onTaken: (ended) => {
          const { id: subscription, code, message } = ended;
          const remote = remotes.get(subscription) ?? 0;
          standing.over(remote);
          reporter.taken({ subscription, remote, code, message });
          left--;
          if (left === 0) spent.resolve(ended);
        },
      },
    });
    stack.use(session);
    joined.session = session;
    const { predecessor } = standing;
    const { backend } = welcome.redirect;
    // Whoever starts over has heard it, or has started that agent.
    const idle =
      ticket.isStarted || predecessor !== undefined ? undefined : agentOfOthersNotice(plan, { backend });
    if (idle !== undefined) reporter.notice(idle);
    if (predecessor !== undefined) await endPredecessor(session, { predecessor, signal });
    standing.begin();
    const boundsOf = planned.map(({ remotePort }) => standing.boundsNow(remotePort) ?? nothingMore);
    for (const [index, { remotePort, localAddress, localPort }] of planned.entries()) {
      const local = { address: localAddress, port: localPort };
      locals.set(session.nextSubscription, local);
      remotes.set(session.nextSubscription, remotePort);
      const bounds = boundsOf[index] ?? nothingMore;
      const wanted = {
        ...subscriptionOf(plan, { port: remotePort, filter: standing.filterOf(remotePort), bounds }),
        ...work.terms,
      };
      const { id, revision } = await session.subscribe(wanted, { signal });
      ports.push({ remote: remotePort, local: formatAddress(local), subscription: id, revision });
    }
    const remembered = rememberSession(
      {
        session: welcome.sessionId,
        key: welcome.sessionKey,
        targetLabel: plan.target.label,
        netnsInode: String(plan.target.netnsInode),
        name: plan.name,
        ports: ports.map(({ remote }) => remote),
        mode: work.terms.mode,
      },
      { onNotice: (notice) => reporter.notice(notice) },
    );
    stack.use(remembered);
    reporter.ready({
      target: plan.target.label,
      agentPid: ticket.pid,
      agentPort: ticket.port,
      backend: welcome.redirect.backend,
      backendReason: welcome.redirect.reason,
      session: welcome.sessionId,
      mode: work.terms.mode,
      filter: standing.filterOf(planned[0]?.remotePort ?? 0),
      ports,
    });
    standing.predecessor = { session: welcome.sessionId, key: welcome.sessionKey };
    for (const local of locals.values()) await watch.watch(local);
    stack.move();
    return new SubscribedSession({ session, receiver, watch, remembered, spent: spent.promise });
  }

  /** Settles when the session is over, whoever ended it; never rejects. */
  get ended(): Promise<SessionEnd> {
    return this.#session.ended;
  }

  /** Settles when the agent has ended the last subscription, at its bound or as somebody asked; else never. */
  get spent(): Promise<Unsubscribed> {
    return this.#spent;
  }

  /** Exchanges under way. */
  get underWay(): number {
    return this.#receiver.count;
  }

  /**
   * Gives the ports back at once and waits for exchanges under way, for `boundMs` or until `signal` aborts. What has no end
   * of its own is then ended in good order, the rest is cut. Says goodbye. Never rejects.
   */
  async leave(options: { boundMs: number; signal: AbortSignal }): Promise<void> {
    this.#remembered[Symbol.dispose]();
    const unsubscribed = this.#session.unsubscribeAll();
    // Whoever is told at once need not wait; an agent that hangs says nothing.
    const overtime = AbortSignal.any([options.signal, AbortSignal.timeout(unsubscribeMs)]);
    await Promise.race([unsubscribed, this.#session.ended, aborted(overtime)]);
    await this.#settled(options.boundMs, options.signal);
    if (!options.signal.aborted) {
      this.#receiver.leave();
      await this.#settled(endMs, options.signal);
    }
    this.#receiver.close();
    this.#watch.close();
    // The last words, either way, need a moment even when the time for exchanges is over.
    const late = aborted(AbortSignal.timeout(goodbyeMs));
    await Promise.race([unsubscribed, this.#session.ended, late]);
    await this.#session.leave({ signal: AbortSignal.timeout(goodbyeMs) });
  }

  async #settled(boundMs: number, signal: AbortSignal): Promise<void> {
    const bound = AbortSignal.any([signal, AbortSignal.timeout(boundMs)]);
    await Promise.race([
      this.#receiver.settled({ signal: bound }).catch(() => undefined),
      this.#session.ended,
    ]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.leave({ boundMs: 0, signal: AbortSignal.abort() });
  }
}

function subscriptionOf(
  plan: SubscriptionPlan,
  about: { port: number; filter: Filter | null; bounds: Bounds },
) {
  const { takeOver, keep, trace } = plan;
  const tls = plan.tls.settings;
  return { ...about, takeOver, keep, trace, tls, servedBy: false } as const;
}

/** @throws ProtocolError `bad-message` for a filter that this version does not know */
function readChanged(filter: Json): Filter {
  try {
    return readFilter(filter);
  } catch (cause) {
    if (!(cause instanceof FilterError)) throw cause;
    throw new ProtocolError("bad-message", `the filter of a port: ${cause.message}`, { cause });
  }
}

/** Streams come in a session only. */
function joinedOnly(session: Session | undefined): Session {
  if (session === undefined) throw new Error("the session has not been joined");
  return session;
}

/** A program at a breakpoint takes connections and says nothing, neither yes nor no. */
function silenceNotice(local: LocalAddress): Notice {
  return {
    type: "notice",
    level: "warning",
    code: "local-silent",
    message:
      `the program on ${formatAddress(local)} does not say whether it speaks HTTP/2; requests wait for it. ` +
      "Say it with --local-protocol http2 or --local-protocol http1",
  };
}

/** The shortest bounds there are, for a port that came to its end while its session was joining. */
const nothingMore: Bounds = { maxRequests: null, forMs: 1 };
const lookIntervalMs = 1_000;
/** Long enough for the same command to be run again without a new agent. */
const agentLingerMs = 1_000;
/** A program that is told of the end of a connection closes its own side at once, or not at all. */
const endMs = 1_000;
const goodbyeMs = 1_000;
/** A transaction of the kernel's rules, and the way there and back. */
const unsubscribeMs = 2_000;
