import { type Filter, FilterError, readFilter } from "../../filters/index.ts";
import {
  type Bounds,
  type Copies,
  type Json,
  type Notice,
  type Opening,
  ProtocolError,
  type Subscribe,
  type Unsubscribed,
  type Welcome,
} from "../../protocol/index.ts";
import type {
  DialledSocket,
  ExchangeEvents,
  ExchangeStream,
  ExchangeTap,
  Incoming,
  LocalGate,
  TapPlace,
} from "../incoming/index.ts";
import { type RememberedSession, rememberSession } from "../own-sessions/index.ts";
import type { LocalAddress } from "../process/index.ts";
import { agentLingerMs, joinTarget, Session, type SessionEnd } from "../session/index.ts";
import type { AgentTicket, AgentWish } from "../target/index.ts";
import { formatAddress, type SessionPlan } from "../subscription-flags/index.ts";
import { agentOfOthersNotice } from "./agent-of-others.ts";
import { endPredecessor } from "./end-predecessor.ts";
import type { InspectedSession, InspectionPoint } from "./inspection-point.ts";
import { aborted } from "./interrupts.ts";
import type { ReadyPort, ReadySession, Reporter } from "./reporter.ts";
import type { SessionStanding } from "./standing.ts";
import { Steps } from "./steps.ts";
import { LateReceiver, type StreamReceiver } from "./stream-receiver.ts";

/** What a command does with the requests that it subscribes to. */
export interface SubscriptionWork {
  readonly terms: Pick<Subscribe, "mode" | "priority" | "onLocalFailure" | "probes" | "mirror"> &
    Partial<Pick<Subscribe, "servedBy">>;
  /** Whether the command goes on when the last port is given back; not when left out. */
  readonly outlivesPorts?: boolean;
  /** Where its sessions can be looked at. */
  readonly inspection?: InspectionPoint | undefined;
  /** Gives what takes the streams; without it they are delivered and the answers go back. */
  receiverFor?(parts: {
    incoming: Incoming;
    session: () => Session;
    /** Of which member of the target, where it has several. */
    member?: string | undefined;
    /** Where somebody may look at what comes. */
    tapPlace?: TapPlace | undefined;
  }): StreamReceiver | Promise<StreamReceiver>;
  /** What became of a mirror's copies so far; `source` is the same for all that one session tells. */
  onCopies?(copies: Copies, source: object): void;
}

/** A member of a target. */
export interface MemberOf {
  readonly name: string;
  /** What it is a member of. */
  readonly whole: { readonly label: string; readonly key: string };
}

/** A port has another filter. */
export interface FilterChange {
  readonly remote: number;
  readonly filter: Filter | null;
  readonly revision: number;
  /** Who wanted it. */
  readonly by: string;
}

/** How what comes gets to the local program. */
export interface DeliveryWay {
  readonly gate: LocalGate;
  /** Whether only what the gate allows has requests; else whoever listens has them. */
  readonly mustBeUp: boolean;
  /** Dials another way; without it, TCP from here. */
  readonly socketFor?: (local: LocalAddress) => DialledSocket;
}

interface Parts {
  readonly plan: SessionPlan;
  readonly work: SubscriptionWork;
  readonly session: Session;
  readonly welcome: Welcome;
  readonly agent: AgentTicket;
  readonly receiver: LateReceiver;
  readonly locals: Map<number, LocalAddress>;
  readonly remotes: Map<number, number>;
  readonly remembered: RememberedSession;
  readonly inspected: InspectedSession | undefined;
}

/**
 * A session with the target's agent whose requests are delivered to the local program, port by port as they are subscribed
 * to. Other commands of this user find it.
 *
 * Opened whole or not at all: `open` leaves nothing behind when it fails, and an agent it started ends with its last client.
 */
export class DeliveringSession implements AsyncDisposable {
  readonly #parts: Parts;

  private constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Joins the target's agent; nothing is subscribed to yet. `onTaken` hears of a subscription that the agent has ended.
   * @throws ClientError; the signal's reason.
   */
  static async open(
    plan: SessionPlan,
    about: {
      work: SubscriptionWork;
      /** What still stands; told of changes. */
      standing: SessionStanding;
      way: DeliveryWay;
      reporter: Reporter;
      onTaken?: (ended: Unsubscribed) => void;
      /** The same of a port that has another filter now. */
      onFilterChanged?: (change: FilterChange) => void;
      /** Whether variables, files or flows of the app are wanted, too. */
      looksIntoApp?: AgentWish["looksIntoApp"];
      /** With which member of the target, and of what whole it is one; where it has several. */
      member?: MemberOf | undefined;
      /** What admits to the agent, where it has been asked for already. */
      firstTicket?: Promise<AgentTicket> | undefined;
      signal: AbortSignal;
    },
  ): Promise<DeliveringSession> {
    const { work, standing, way, reporter, firstTicket, member, signal } = about;
    await using stack = new AsyncDisposableStack();
    const locals = new Map<number, LocalAddress>();
    const remotes = new Map<number, number>();
    const joined: { session?: Session; incoming?: Incoming; inspected?: InspectedSession | undefined } = {};
    const tapPlace: { tap: ExchangeTap | undefined } = { tap: undefined };
    const makeReceiver = async (): Promise<StreamReceiver> => {
      const { Incoming } = await import("../incoming/incoming.ts");
      const incoming = new Incoming({
        ...way,
        localOf: (id) => locals.get(id),
        speech: plan.speech,
        onSilence: (local) => reporter.notice(silenceNotice(local)),
        onTaken: standing.isCounted ? (id) => standing.taken(remotes.get(id) ?? 0) : undefined,
        quota: standing.quota?.((id) => remotes.get(id) ?? 0),
        tapPlace,
      });
      joined.incoming = incoming;
      const parts = { incoming, session: () => joinedOnly(joined.session), member: member?.name, tapPlace };
      return (await work.receiverFor?.(parts)) ?? incoming;
    };
    const receiver = stack.use(new LateReceiver(makeReceiver));
    const changeInspected = (change: (inspected: InspectedSession) => void): void => {
      if (joined.inspected === undefined) return;
      change(joined.inspected);
      work.inspection?.changed(joined.inspected);
    };
    for (const message of plan.tls.warnings)
      reporter.notice({ type: "notice", level: "warning", code: "certificate", message });
    using steps = new Steps(reporter);
    // Else whoever has asked for it tells.
    if (firstTicket === undefined) steps.next(`joining ${plan.target.label}`);
    const { carrier, ticket, agent, wayBack } = await joinTarget({
      ...plan,
      lingerMs: agentLingerMs,
      looksIntoApp: about.looksIntoApp,
      firstTicket,
      onProgress: steps.next,
      onWarning: (message) =>
        reporter.notice({ type: "notice", level: "warning", code: "preflight", message }),
      signal,
    });
    const { graceMs } = plan.loss;
    const { session, welcome } = await Session.join({
      carrier,
      comeBack: graceMs > 0 ? { wayBack, graceMs } : undefined,
      targetLabel: plan.target.label,
      agent,
      name: plan.name,
      signal,
      events: {
        onStream: (stream, opening) => receiver.open(stream, opening),
        onDecision: (decision) => reporter.decision(decision),
        onNotice: (notice) => reporter.notice(notice),
        onConnection: (change) => {
          reporter.connection(change);
          changeInspected((inspected) => {
            inspected.connection = change.state === "lost" ? "lost" : "connected";
          });
        },
        onCopies: (copies) => work.onCopies?.(copies, receiver),
        onFilterChanged: ({ id, filter, revision, by }) => {
          const remote = remotes.get(id) ?? 0;
          const changed = filter === null ? null : readChanged(filter);
          standing.filterChanged(remote, changed);
          changeInspected(({ ports }) => {
            const port = ports.find(({ subscription }) => subscription === id);
            if (port !== undefined) Object.assign(port, { filter: changed, revision });
          });
          reporter.filterChanged({ remote, subscription: id, filter: changed, revision, by });
          about.onFilterChanged?.({ remote, filter: changed, revision, by });
        },
        onTaken: (ended) => {
          const { id: subscription, code, message } = ended;
          const remote = remotes.get(subscription) ?? 0;
          standing.over(remote, ended);
          changeInspected(({ ports }) => {
            for (const port of ports) if (port.subscription === subscription) port.isHeld = false;
          });
          reporter.taken({ subscription, remote, code, message });
          about.onTaken?.(ended);
        },
      },
    });
    steps.done();
    stack.use(session);
    joined.session = session;
    const { predecessor } = standing;
    const { backend } = welcome.redirect;
    // Whoever starts over has heard it, or has started that agent.
    const idle =
      ticket.isStarted || predecessor !== undefined ? undefined : agentOfOthersNotice(plan, { backend });
    if (idle !== undefined) reporter.notice(idle);
    if (predecessor !== undefined) await endPredecessor(session, { predecessor, signal });
    const remembered = rememberSession(
      {
        session: welcome.sessionId,
        key: welcome.sessionKey,
        targetLabel: plan.target.label,
        targetKey: plan.target.key,
        cluster: plan.target.cluster ?? {},
        name: plan.name,
        ports: [],
        mode: work.terms.mode,
        outlivesPorts: work.outlivesPorts ?? false,
        ...(member === undefined ? {} : { whole: member.whole, member: member.name }),
      },
      { onNotice: (notice) => reporter.notice(notice) },
    );
    standing.predecessor = { session: welcome.sessionId, key: welcome.sessionKey };
    stack.move();
    const delivering = new DeliveringSession({
      ...{ plan, work, session, welcome, agent: ticket, receiver, locals, remotes, remembered },
      inspected:
        work.inspection &&
        Object.assign(tapPlace, {
          target: plan.target,
          member: member?.name,
          mode: work.terms.mode,
          name: plan.name,
          proof: { session: welcome.sessionId, key: welcome.sessionKey },
          session,
          ports: [],
          connection: "connected" as const,
          deliverOwn: (stream: ExchangeStream, opening: Opening) =>
            joined.incoming?.deliverOwn(stream, opening) ?? refused(stream),
          setFilter: (remote: number, filter: Filter | null, options: { signal: AbortSignal }) =>
            delivering.setFilter(remote, filter, options),
        }),
    });
    joined.inspected = delivering.#parts.inspected;
    if (joined.inspected !== undefined) {
      const { inspected } = joined;
      work.inspection?.joined(inspected);
      void session.ended.then(() => work.inspection?.left(inspected));
    }
    return delivering;
  }

  /** Whether its agent may look into the app: variables, files, flows by its sockets. */
  get mayLook(): boolean {
    return this.#parts.agent.looksIntoApp !== false;
  }

  /**
   * Subscribes to a port of the target; what comes goes to a local address.
   * @throws ClientError `subscribe-refused`, `session-lost`; the signal's reason.
   */
  async subscribe(
    wanted: { remotePort: number; local: LocalAddress; filter: Filter | null; bounds: Bounds },
    { signal }: { signal: AbortSignal },
  ): Promise<ReadyPort> {
    const { plan, work, session, receiver, locals, remotes, remembered } = this.#parts;
    await receiver.ready();
    const { remotePort, local, filter, bounds } = wanted;
    // So that its streams find their way from the first on.
    locals.set(session.nextSubscription, local);
    remotes.set(session.nextSubscription, remotePort);
    const { takeOver, keep, trace } = plan;
    const port = this.#portInPod(remotePort);
    const asked = { port, filter, bounds, takeOver, keep, trace, tls: plan.tls.settings };
    const podProbes = plan.target.probesOf?.(port) ?? [];
    const { id, revision } = await session.subscribe(
      { ...asked, servedBy: false, podProbes, ...work.terms },
      { signal },
    );
    remembered.addPort(remotePort);
    const { inspected } = this.#parts;
    if (inspected !== undefined) {
      const shown = { remote: remotePort, inPod: port, local: formatAddress(local), subscription: id };
      inspected.ports.push({ ...shown, filter, revision, isHeld: true });
      work.inspection?.changed(inspected);
    }
    const inPod = port === remotePort ? {} : { inPod: port };
    return { remote: remotePort, ...inPod, local: formatAddress(local), subscription: id, revision };
  }

  /** What there is to say of a session that has begun. */
  describe(about: Pick<ReadySession, "filter" | "ports">): ReadySession {
    const { plan, work, welcome, agent } = this.#parts;
    return {
      target: plan.target.label,
      agentPid: agent.pid,
      agentPort: agent.port,
      backend: welcome.redirect.backend,
      backendReason: welcome.redirect.reason,
      session: welcome.sessionId,
      mode: work.terms.mode,
      ...about,
    };
  }

  /** Gives one port back, if it is held: nothing new comes of it, exchanges under way go on. */
  giveBack(remotePort: number): void {
    for (const [id, remote] of this.#parts.remotes)
      if (remote === remotePort) this.#parts.session.unsubscribe(id);
    const { inspected, work } = this.#parts;
    if (inspected === undefined) return;
    for (const port of inspected.ports) if (port.remote === remotePort) port.isHeld = false;
    work.inspection?.changed(inspected);
  }

  /**
   * Gives a port another filter, as `magpie filter set` does.
   * @throws ClientError `ask-refused`, `session-lost`; the signal's reason
   */
  async setFilter(
    remotePort: number,
    filter: Filter | null,
    options: { signal: AbortSignal },
  ): Promise<void> {
    const { session, welcome } = this.#parts;
    const as = { session: welcome.sessionId, key: welcome.sessionKey };
    const port = this.#portInPod(remotePort);
    for await (const _ of session.ask({ kind: "set-filter", as, port, filter }, options)) return;
  }

  /** For questions and streams of our own. */
  get session(): Session {
    return this.#parts.session;
  }

  /** Settles when the session is over, whoever ended it; never rejects. */
  get ended(): Promise<SessionEnd> {
    return this.#parts.session.ended;
  }

  /** Exchanges under way. */
  get underWay(): number {
    return this.#parts.receiver.count;
  }

  /**
   * Gives the ports back at once and waits for exchanges under way, for `boundMs` or until `signal` aborts. What has no end
   * of its own is then ended in good order, the rest is cut. Says goodbye. Never rejects.
   */
  async leave(options: { boundMs: number; signal: AbortSignal }): Promise<void> {
    const { session, receiver, remembered } = this.#parts;
    remembered[Symbol.dispose]();
    const unsubscribed = session.unsubscribeAll();
    // Whoever is told at once need not wait; an agent that hangs says nothing.
    const overtime = AbortSignal.any([options.signal, AbortSignal.timeout(unsubscribeMs)]);
    await Promise.race([unsubscribed, session.ended, aborted(overtime)]);
    await this.#settled(options.boundMs, options.signal);
    if (!options.signal.aborted) {
      receiver.leave();
      await this.#settled(endMs, options.signal);
    }
    receiver.close();
    // The last words, either way, need a moment even when the time for exchanges is over.
    const late = aborted(AbortSignal.timeout(goodbyeMs));
    await Promise.race([unsubscribed, session.ended, late]);
    await session.leave({ signal: AbortSignal.timeout(goodbyeMs) });
    const { plan, agent } = this.#parts;
    await plan.target.site.left?.(agent, { signal: AbortSignal.timeout(clearingMs) });
  }

  #portInPod(remotePort: number): number {
    return this.#parts.plan.target.portOf?.(remotePort) ?? remotePort;
  }

  async #settled(boundMs: number, signal: AbortSignal): Promise<void> {
    const bound = AbortSignal.any([signal, AbortSignal.timeout(boundMs)]);
    await Promise.race([
      this.#parts.receiver.settled({ signal: bound }).catch(() => undefined),
      this.#parts.session.ended,
    ]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.leave({ boundMs: 0, signal: AbortSignal.abort() });
  }
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

/** No port has been subscribed to, so that nothing is there to deliver with. */
function refused(stream: ExchangeStream): ExchangeEvents {
  stream.reset("refused", "nothing has been subscribed to");
  return { onHead: ignore, onData: ignore, onEnd: ignore, onReset: ignore, onDrain: ignore };
}

function ignore(): void {}

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

/** A program that is told of the end of a connection closes its own side at once, or not at all. */
const endMs = 1_000;
const goodbyeMs = 1_000;
/** Two calls of an API server; what is not done by then is done by whoever comes next. */
const clearingMs = 2_500;
/** A transaction of the kernel's rules, and the way there and back. */
const unsubscribeMs = 2_000;
