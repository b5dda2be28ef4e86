import { type ClientOpening, type Json, type Question, reachableAnswer } from "../../protocol/index.ts";
import { type StreamEvents, TunnelError, type TunnelStream } from "../../tunnel/index.ts";
import { gatherEnvironment, type PodEnvironment } from "../control/read-environment.ts";
import { ClientError } from "../errors.ts";
import { FilesError } from "../files/files-error.ts";
import type { DialledSocket } from "../incoming/index.ts";
import { NetworkError } from "../outgoing/index.ts";
import { DeliveringSession } from "../running/delivering-session.ts";
import type { PortReport, Reporter } from "../running/reporter.ts";
import type { SessionWork } from "../running/run-session.ts";
import { Standing } from "../running/standing.ts";
import { startOver } from "../running/start-over.ts";
import type { ListeningPort } from "../sandbox/sandbox.ts";
import type { SessionEnd } from "../session/index.ts";
import type { Listener } from "../process/index.ts";
import { type AgentTicket, ownNetnsInode } from "../target/index.ts";
import { isDrawn } from "./drawn-ports.ts";
import type { ExecPlan } from "./exec-plan.ts";
import { PortSubscriptions } from "./port-subscriptions.ts";
import { ProgramPorts } from "./program-ports.ts";

/** What a session needs of the sandbox. */
interface ProgramSide {
  /** A new connection to a port that the program listens on. */
  readonly dial: (port: number) => DialledSocket;
  /** Whether the program listens in this process's network namespace. */
  readonly isInOurs: () => boolean;
}

/**
 * The session of a program that runs in the target's place: its requests, its environment, and the streams for all that it
 * asks of the pod, over one connection. Subscribes to ports as the program opens them. A session that is lost for good is
 * followed by another one where the plan says so; streams end with the old one.
 */
export class ExecSession implements AsyncDisposable {
  readonly #plan: ExecPlan;
  readonly #work: SessionWork;
  readonly #reporter: Reporter;
  readonly #side: ProgramSide;
  readonly #standing: Standing;
  readonly #ports = new ProgramPorts();
  readonly #subscriptions: PortSubscriptions | undefined;
  readonly #over = new AbortController();
  readonly #lost = Promise.withResolvers<ClientError>();
  /** Ports that were told of, with no requests. */
  readonly #published = new Set<number>();
  #current: DeliveringSession | undefined;

  private constructor(plan: ExecPlan, about: { work: SessionWork; reporter: Reporter; side: ProgramSide }) {
    const { work, reporter, side } = about;
    const { target, filter, incoming } = plan;
    this.#plan = plan;
    this.#work = work;
    this.#reporter = reporter;
    this.#side = side;
    this.#standing = new Standing({ ports: [], filter, bounds: { maxRequests: null, forMs: null } });
    const isSame = (): boolean => side.isInOurs() && target.netnsInode === ownNetnsInode();
    if (incoming !== undefined)
      this.#subscriptions = new PortSubscriptions({
        ...{ incoming, reporter },
        standing: this.#standing,
        isLoop: (remotePort) => isSame() && this.#ports.get(remotePort) !== undefined,
        onHeld: (port, { remote, subscription, revision }) => {
          const requests = {
            target: target.label,
            mode: work.terms.mode,
            filter: this.#standing.filterOf(remote),
          };
          this.#tell(port, { ...requests, remote, subscription, revision });
        },
        onLeft: (port) => this.#left(port),
        isReachable: (port, options) => this.#isReachable(port, options),
      });
  }

  /** Joins the target's agent. @throws ClientError; the signal's reason. */
  static async open(
    plan: ExecPlan,
    about: {
      work: SessionWork;
      reporter: Reporter;
      side: ProgramSide;
      firstTicket: Promise<AgentTicket>;
      signal: AbortSignal;
    },
  ): Promise<ExecSession> {
    const session = new ExecSession(plan, about);
    await session.#join(about);
    return session;
  }

  /** Settles when there is no session any more, though nobody has left it, and no other one takes its place. */
  get lost(): Promise<ClientError> {
    return this.#lost.promise;
  }

  /** Asks for the environment of the program in whose place ours runs. @throws ClientError; the signal's reason */
  async environment(options: { signal: AbortSignal }): Promise<PodEnvironment> {
    const { target, process } = this.#plan;
    const question = { kind: "environment", process: process ?? target.process ?? null } as const;
    return await gatherEnvironment(this.ask(question, options), target.label);
  }

  /** Asks in whatever session there is. @throws ClientError; the signal's reason */
  async *ask(question: Question, options: { signal: AbortSignal }): AsyncGenerator<Json, void> {
    yield* this.#joined.session.ask(question, options);
  }

  /** Opens a stream for a flow in whatever session there is. @throws NetworkError `ENETDOWN` when there is none */
  readonly openFlow = (opening: ClientOpening, events: StreamEvents): TunnelStream =>
    this.#open(opening, events, (message, cause) => new NetworkError("ENETDOWN", message, { cause }));

  /** The same for files. @throws FilesError `EIO` when there is none */
  readonly openFiles = (opening: ClientOpening, events: StreamEvents): TunnelStream =>
    this.#open(opening, events, (message, cause) => new FilesError("EIO", message, { cause }));

  /** The program listens on a port. */
  opened(port: ListeningPort): void {
    this.#ports.opened(port);
    this.#local(port.port);
    if (this.#subscriptions === undefined) this.#publish(port.port);
    else this.#subscriptions.opened(port);
  }

  /** It does not any more. */
  closed(port: number): void {
    this.#ports.closed(port);
    this.#local(port);
  }

  /** Gives all ports back, lets what is under way finish for `boundMs`, and says goodbye. Never rejects. */
  async leave(options: { boundMs: number; signal: AbortSignal }): Promise<void> {
    this.#over.abort();
    await this.#current?.leave(options);
    await this.#work.conclude?.();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.leave({ boundMs: 0, signal: AbortSignal.abort() });
  }

  get #joined(): DeliveringSession {
    if (this.#current === undefined || this.#over.signal.aborted)
      throw new ClientError("session-lost", "there is no session with the target at the moment");
    return this.#current;
  }

  #open(
    opening: ClientOpening,
    events: StreamEvents,
    failure: (message: string, cause: unknown) => Error,
  ): TunnelStream {
    try {
      return this.#joined.session.openStream(opening, events);
    } catch (error) {
      // What the program asked for fails; it is told by a word of the kernel.
      if (error instanceof ClientError || error instanceof TunnelError) throw failure(error.message, error);
      throw error;
    }
  }

  async #join(about: { signal: AbortSignal; firstTicket?: Promise<AgentTicket> }): Promise<void> {
    const { gate, socketFor } = { gate: this.#ports, socketFor: this.#side.dial };
    const current = await DeliveringSession.open(this.#plan, {
      work: this.#work,
      standing: this.#standing,
      reporter: this.#reporter,
      way: { gate, mustBeUp: true, socketFor: ({ port }) => socketFor(port) },
      ...about,
    });
    this.#current = current;
    this.#reporter.ready(current.describe({ filter: this.#plan.filter, ports: [] }));
    this.#subscriptions?.use(current, { open: this.#ports.all(), signal: this.#over.signal });
    void current.ended.then((end) => this.#ended(end));
  }

  async #ended(end: SessionEnd): Promise<void> {
    if (end.how === "left" || this.#over.signal.aborted) return;
    const ended = this.#current;
    this.#current = undefined;
    await ended?.[Symbol.asyncDispose]();
    if (this.#plan.loss.onLost !== "rejoin" || !end.mayStartOver) return this.#lost.resolve(end.error);
    this.#reporter.connection({ state: "given-up", message: end.error.message });
    const { signal } = this.#over;
    try {
      await startOver({ open: (signal) => this.#join({ signal }), reporter: this.#reporter, signal });
    } catch (error) {
      if (!signal.aborted) this.#lost.resolve(lossOf(error, end.error));
    }
  }

  /** The program can be reached from this machine, whether or not it has requests of the target. */
  #tell(program: number, requests: PortReport["requests"]): void {
    const port = this.#ports.get(program)?.hostPort ?? 0;
    this.#reporter.port({ program, host: port === 0 ? null : { address: "127.0.0.1", port }, requests });
  }

  /** Tells, once, that a port has no requests of the target; gives false when that was told before. */
  #publish(port: number): boolean {
    if (this.#published.has(port)) return false;
    this.#published.add(port);
    this.#tell(port, null);
    return true;
  }

  /** Whoever wants requests on loopback learns how; of ports that nobody has chosen there is nothing to say. */
  #left(listening: ListeningPort): void {
    const { port } = listening;
    if (!this.#publish(port) || isDrawn(listening)) return;
    const message = `your port ${port} stays on this machine, since it listens on loopback only; --port ${port}:${port} gives it requests`;
    this.#reporter.notice({ type: "notice", level: "info", code: "port-on-loopback", message });
  }

  async #isReachable(port: number, options: { signal: AbortSignal }): Promise<boolean> {
    try {
      for await (const answer of this.ask({ kind: "reachable", port }, options))
        return reachableAnswer(answer).reachable;
    } catch (error) {
      // An agent of another version, or one that may not see who listens.
      if (!(error instanceof ClientError && error.code === "ask-refused")) throw error;
    }
    return false;
  }

  #local(port: number): void {
    const isUp = this.#ports.get(port) !== undefined;
    const listener: Listener = isUp ? { state: "up", owner: undefined } : { state: "down" };
    this.#reporter.local({ local: { address: "127.0.0.1", port }, listener });
  }
}

function lossOf(error: unknown, first: ClientError): ClientError {
  return error instanceof ClientError ? error : first;
}
