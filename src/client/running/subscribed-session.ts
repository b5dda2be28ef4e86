import type { Notice } from "../../protocol/index.ts";
import { Incoming } from "../incoming/index.ts";
import { Listeners, type LocalAddress, LocalWatch, type ProcessInfo } from "../process/index.ts";
import { rememberSession } from "../own-sessions/index.ts";
import { joinTarget, Session, type SessionEnd } from "../session/index.ts";
import { formatAddress } from "../subscription-flags/index.ts";
import type { ReadyPort, Reporter } from "./reporter.ts";
import type { StealPlan } from "../steal/steal-plan.ts";

/**
 * A session that steals: the agent, its subscriptions, and the deliveries to the local program.
 *
 * Opened whole or not at all: `open` leaves nothing behind when it fails, and an agent it started ends with its last client.
 */
export class StealSession implements AsyncDisposable {
  readonly #session: Session;
  readonly #incoming: Incoming;
  readonly #watch: LocalWatch;
  readonly #remembered: Disposable;

  private constructor(parts: {
    session: Session;
    incoming: Incoming;
    watch: LocalWatch;
    remembered: Disposable;
  }) {
    this.#session = parts.session;
    this.#incoming = parts.incoming;
    this.#watch = parts.watch;
    this.#remembered = parts.remembered;
  }

  /**
   * Joins the target's agent and subscribes to every port of the plan.
   * `isOurs` says which processes may have requests; without it whoever listens has them.
   * @throws ClientError; the signal's reason.
   */
  static async open(
    plan: StealPlan,
    about: { reporter: Reporter; isOurs?: (owner: ProcessInfo) => boolean; signal: AbortSignal },
  ): Promise<StealSession> {
    const { reporter, signal, isOurs } = about;
    await using stack = new AsyncDisposableStack();
    const locals = new Map<number, LocalAddress>();
    const ports: ReadyPort[] = [];
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
      }),
    );
    for (const message of plan.tls.warnings)
      reporter.notice({ type: "notice", level: "warning", code: "certificate", message });
    reporter.progress(`joining ${plan.target.label}`);
    const { carrier, ticket } = await joinTarget({ ...plan, lingerMs: agentLingerMs, signal });
    const { session, welcome } = await Session.join({
      carrier,
      targetLabel: plan.target.label,
      agentPid: ticket.pid,
      name: plan.name,
      signal,
      events: {
        onStream: (stream, opening) => incoming.open(stream, opening),
        onDecision: (decision) => reporter.decision(decision),
        onNotice: (notice) => reporter.notice(notice),
        onTaken: ({ id }) =>
          reporter.taken({
            subscription: id,
            remote: ports.find((port) => port.subscription === id)?.remote ?? 0,
          }),
      },
    });
    stack.use(session);
    for (const { remotePort, localAddress, localPort } of plan.ports) {
      const local = { address: localAddress, port: localPort };
      locals.set(session.nextSubscription, local);
      const { id, revision } = await session.subscribe(subscriptionOf(plan, remotePort));
      ports.push({ remote: remotePort, local: formatAddress(local), subscription: id, revision });
      signal.throwIfAborted();
    }
    const remembered = rememberSession(
      {
        session: welcome.sessionId,
        key: welcome.sessionKey,
        targetLabel: plan.target.label,
        netnsInode: String(plan.target.netnsInode),
        name: plan.name,
        ports: ports.map(({ remote }) => remote),
        mode: "steal",
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
      filter: plan.filter,
      ports,
    });
    for (const local of locals.values()) await watch.watch(local);
    stack.move();
    return new StealSession({ session, incoming, watch, remembered });
  }

  /** Settles when the session is over, whoever ended it; never rejects. */
  get ended(): Promise<SessionEnd> {
    return this.#session.ended;
  }

  /** Exchanges under way. */
  get underWay(): number {
    return this.#incoming.count;
  }

  /**
   * Gives the ports back at once, waits for exchanges under way until `signal` aborts, cuts what is left, and says goodbye.
   * Never rejects.
   */
  async leave(options: { signal: AbortSignal }): Promise<void> {
    this.#remembered[Symbol.dispose]();
    this.#session.unsubscribeAll();
    await Promise.race([this.#incoming.settled(options).catch(() => undefined), this.#session.ended]);
    this.#incoming.close();
    this.#watch.close();
    // The last words need a moment even when the time for exchanges is over.
    await this.#session.leave({ signal: AbortSignal.timeout(goodbyeMs) });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.leave({ signal: AbortSignal.abort() });
  }
}

function subscriptionOf(plan: StealPlan, port: number): Parameters<Session["subscribe"]>[0] {
  const { filter, priority, onLocalFailure, takeOver, trace } = plan;
  return {
    ...{ port, mode: "steal", filter, priority, onLocalFailure, takeOver, keep: false, trace },
    tls: plan.tls.settings,
    ...{ mirror: null, bounds: { maxRequests: null, forMs: null }, probes: "original", servedBy: false },
  };
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

const lookIntervalMs = 1_000;
/** Long enough for the same command to be run again without a new agent. */
const agentLingerMs = 1_000;
const goodbyeMs = 1_000;
