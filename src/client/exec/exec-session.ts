import { type ClientOpening, type Json, type Question, reachableAnswer } from "../../protocol/index.ts";
import { type StreamEvents, TunnelError, type TunnelStream } from "../../tunnel/index.ts";
import { gatherEnvironment, type PodEnvironment } from "../control/read-environment.ts";
import { ClientError } from "../errors.ts";
import { FilesError } from "../files/files-error.ts";
import type { DialledSocket } from "../incoming/index.ts";
import { NetworkError } from "../outgoing/index.ts";
import type { DeliveringSession, DeliveryWay } from "../running/delivering-session.ts";
import type { PortReport, Reporter } from "../running/reporter.ts";
import type { SessionWork } from "../running/run-session.ts";
import { SharedStanding } from "../running/shared-standing.ts";
import { type SessionStanding, Standing } from "../running/standing.ts";
import type { ListeningPort } from "../sandbox/sandbox.ts";
import type { Listener } from "../process/index.ts";
import { type AgentTicket, ownNetnsInode, type ResolvedTarget, type TargetMember } from "../target/index.ts";
import { isDrawn } from "./drawn-ports.ts";
import type { ExecLink } from "./exec-link.ts";
import type { ExecPlan } from "./exec-plan.ts";
import { PortSubscriptions } from "./port-subscriptions.ts";
import { ProgramPorts } from "./program-ports.ts";
import { SingleLink } from "./single-link.ts";

/** Whose environment and files the program has: the target, or a member of it. */
export interface HomeOf {
  readonly target: ResolvedTarget;
  readonly member: TargetMember | undefined;
}

interface ExecAbout {
  readonly work: SessionWork;
  readonly reporter: Reporter;
  readonly side: ProgramSide;
  readonly home: HomeOf;
}

/** What a session needs of the sandbox. */
interface ProgramSide {
  /** A new connection to a port that the program listens on. */
  readonly dial: (port: number) => DialledSocket;
  /** Whether the program listens in this process's network namespace. */
  readonly isInOurs: () => boolean;
}

/**
 * The session of a program that runs in the target's place: its requests, its environment, and the streams for all that it
 * asks of the pod. Subscribes to ports as the program opens them. Sessions with the target may follow each other, and there may be
 * one with each of its members; streams end with their own.
 */
export class ExecSession implements AsyncDisposable {
  readonly #plan: ExecPlan;
  readonly #home: HomeOf;
  readonly #work: SessionWork;
  readonly #reporter: Reporter;
  readonly #side: ProgramSide;
  readonly #ports = new ProgramPorts();
  /** Ports that were told of, with no requests. */
  readonly #published = new Set<number>();
  /** The same of those that have. */
  readonly #held = new Set<string>();
  #link: ExecLink | undefined;

  private constructor(plan: ExecPlan, about: ExecAbout) {
    const { work, reporter, side, home } = about;
    this.#plan = plan;
    this.#home = home;
    this.#work = work;
    this.#reporter = reporter;
    this.#side = side;
  }

  /** Joins the target's agent, or those of its members. @throws ClientError; the signal's reason. */
  static async open(
    plan: ExecPlan,
    about: ExecAbout & { firstTicket: Promise<AgentTicket>; signal: AbortSignal },
  ): Promise<ExecSession> {
    const session = new ExecSession(plan, about);
    session.#link = await session.#linked(about);
    return session;
  }

  /** Settles when there is no session any more, though nobody has left it, and no other one takes its place. */
  get lost(): Promise<ClientError> {
    return this.#link?.lost ?? new Promise(() => undefined);
  }

  /** Asks for the environment of the program in whose place ours runs. @throws ClientError; the signal's reason */
  async environment(options: { signal: AbortSignal }): Promise<PodEnvironment> {
    const { process } = this.#plan;
    const { target } = this.#home;
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
    if (this.#plan.incoming === undefined) this.#publish(port.port);
    else this.#link?.opened(port);
  }

  /** It does not any more. */
  closed(port: number): void {
    this.#ports.closed(port);
    this.#local(port);
  }

  /** Gives all ports back, lets what is under way finish for `boundMs`, and says goodbye. Never rejects. */
  async leave(options: { boundMs: number; signal: AbortSignal }): Promise<void> {
    await this.#link?.leave(options);
    await this.#work.conclude?.();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.leave({ boundMs: 0, signal: AbortSignal.abort() });
  }

  get #joined(): DeliveringSession {
    const current = this.#link?.current;
    if (current === undefined)
      throw new ClientError("session-lost", "there is no session with the target at the moment");
    return current;
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

  async #linked(about: { firstTicket: Promise<AgentTicket>; signal: AbortSignal }): Promise<ExecLink> {
    const { target, filter } = this.#plan;
    const dial = this.#side.dial;
    const way: DeliveryWay = { gate: this.#ports, mustBeUp: true, socketFor: ({ port }) => dial(port) };
    const openPorts = (): ListeningPort[] => this.#ports.all();
    const parts = { plan: this.#plan, work: this.#work, reporter: this.#reporter, way, openPorts };
    const planned = { ports: [], filter, bounds: { maxRequests: null, forMs: null } };
    const { member } = this.#home;
    if (target.members === undefined || member === undefined) {
      const standing = new Standing(planned);
      const subscriptions = this.#subscriptionsFor(standing, { target });
      return await SingleLink.open({ ...parts, standing, subscriptions }, about);
    }
    const { MembersLink } = await import("./members-link.ts");
    const { label, key, members } = target;
    const subscriptionsFor = (standing: SessionStanding, of: TargetMember, reporter: Reporter) =>
      this.#subscriptionsFor(standing, { target: of.target, reporter });
    const standing = new SharedStanding(planned);
    return await MembersLink.open(
      { ...parts, label, key, members, home: member, standing, subscriptionsFor },
      about,
    );
  }

  /** What subscribes to the program's ports with one agent; undefined when it is to have no requests. */
  #subscriptionsFor(
    standing: SessionStanding,
    about: { readonly target: ResolvedTarget; readonly reporter?: Reporter },
  ): PortSubscriptions | undefined {
    const { incoming, target: whole } = this.#plan;
    if (incoming === undefined) return undefined;
    const { target, reporter = this.#reporter } = about;
    const isSame = (): boolean => this.#side.isInOurs() && target.netnsInode === ownNetnsInode();
    return new PortSubscriptions({
      ...{ incoming, reporter, standing },
      isLoop: (remotePort) => isSame() && this.#ports.get(remotePort) !== undefined,
      onHeld: (port, { remote, subscription, revision }) => {
        // Of several members the first says it for all.
        const isNews = whole.members === undefined || !this.#held.has(`${port} ${remote}`);
        this.#held.add(`${port} ${remote}`);
        if (!isNews) return;
        const { mode } = this.#work.terms;
        const requests = { target: whole.label, mode, filter: standing.filterOf(remote) };
        this.#tell(port, { ...requests, remote, subscription, revision });
      },
      onLeft: (port, why) => this.#left(port, why),
      isReachable: (port, options) => this.#isReachable(port, options),
    });
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
  #left(listening: ListeningPort, why: "the user" | "its address"): void {
    const { port } = listening;
    if (!this.#publish(port) || isDrawn(listening) || why === "the user") return;
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
