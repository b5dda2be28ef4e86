import type { BackendName } from "nftables-js";
import { BudgetWatch, type Limits } from "./budget/index.ts";
import { BypassWatch } from "./bypass/index.ts";
import { Connection, type InboundContext } from "./inbound/index.ts";
import { Control } from "./control/index.ts";
import { mayLookIntoApps } from "./context/index.ts";
import { isListening, WithheldPorts } from "./dead-app/index.ts";
import { Drain } from "./drain.ts";
import { PodFiles } from "./files/index.ts";
import { formatEndpoint } from "../kernel/index.ts";
import type { Log } from "./log.ts";
import { AgentMetrics } from "./metrics/index.ts";
import { Outgoing } from "./outgoing/index.ts";
import { Diversion, type Diverted, takeOver, UPSTREAM_MARK } from "./redirect/index.ts";
import { Routes } from "./routing/index.ts";
import {
  AdminSocket,
  ControlServer,
  NamespaceGuest,
  Session,
  type SessionContext,
  TicketOffice,
} from "./session/index.ts";
import { newReadBuffer } from "../socket/index.ts";
import { Trace } from "./trace/index.ts";
import { type Dial, OriginalDialer } from "./upstream/index.ts";

export interface AgentOptions {
  readonly runtimeDirectory: string;
  readonly backend: "auto" | BackendName;
  /** One that nobody has joined by then ends. */
  readonly firstClientMs: number;
  /** How long the agent stays after its last client has left. */
  readonly lingerMs: number;
  /** So long connections of bystanders may hold it that it cannot end in good order; see {@link Drain}. */
  readonly drainMaxMs: number;
  /** Past these it gives the ports back and ends. */
  readonly limits: Limits;
  readonly version: string;
  /** Where the pod's files are. */
  readonly podRoot: string;
  /** The id of the container that the app runs in, where processes of others can be seen. */
  readonly container?: string | undefined;
  readonly log: Log;
}

/**
 * The composition root: one agent in one pod.
 *
 * `running` → `draining` when the last client has left and `lingerMs` have passed → `closed`. Ports are given back at
 * the very moment the last subscription ends; draining only waits for the connections that are there. Meanwhile another
 * agent may serve.
 */
export class Agent {
  /** Settles when the agent is over; rejects with what ended it against its will. */
  readonly ended: Promise<void>;
  readonly #options: AgentOptions;
  readonly #log: Log;
  readonly #routes: Routes;
  readonly #trace = new Trace();
  readonly #tickets = new TicketOffice();
  readonly #sessions = new Set<Session>();
  readonly #metrics: AgentMetrics;
  readonly #budget: BudgetWatch;
  readonly #answers: Control;
  readonly #connections = new Set<Connection>();
  readonly #end: PromiseWithResolvers<void>;
  readonly #ready = Promise.withResolvers<void>();
  readonly #bypass: BypassWatch;
  readonly #withheld: WithheldPorts;
  readonly #outgoing: Outgoing;
  readonly #files: PodFiles;
  #diversion: Diversion | undefined;
  #control: ControlServer | undefined;
  #admin: AdminSocket | undefined;
  #inbound: InboundContext | undefined;
  #guest: NamespaceGuest | undefined;
  #drainage: Drain | undefined;
  #ports: Promise<void> = Promise.resolve();
  #lingerTimer: NodeJS.Timeout | undefined;
  /** When a client was last connected, milliseconds since the epoch. */
  #lastPresentMs = 0;
  #state: "running" | "draining" | "closed" = "running";
  /** What ends the agent against its will. */
  #fault: Error | undefined;

  private constructor(options: AgentOptions) {
    this.#options = options;
    this.#log = options.log;
    const { log, container } = options;
    this.#outgoing = new Outgoing({ container });
    this.#files = new PodFiles({ log, container });
    this.#end = Promise.withResolvers();
    // Nobody may have asked yet.
    this.#ready.promise.catch(() => undefined);
    this.ended = this.#end.promise;
    this.#routes = new Routes({ onPortsChanged: () => this.#applyPorts() });
    this.#metrics = new AgentMetrics({
      agentVersion: options.version,
      backend: () => this.#diversion?.backend ?? "none",
      sessions: () => this.#sessions.values().filter(({ isObserver }) => !isObserver),
      openConnections: () => this.#connections.size,
      outgoingFlows: () => this.#outgoing.openFlows,
      lease: () => this.#diversion?.lease ?? { renewals: 0, failures: 0 },
      health: () => this.#budget.health,
    });
    this.#budget = new BudgetWatch({
      limits: options.limits,
      metrics: this.#metrics,
      onOver: (why) => this.#overBudget(why),
    });
    this.#withheld = new WithheldPorts({
      isListening,
      isGuarded: (port) =>
        this.#routes.of(port)?.subscriptions.every(({ probes }) => probes === "original") === true,
      onChange: (port, state) => this.#appChanged(port, state),
      onBlind: (error) => this.#log.warn({ err: error }, "whether apps listen is not seen"),
    });
    this.#answers = new Control({
      sessions: () => this.#sessions,
      trace: this.#trace,
      routes: this.#routes,
      metrics: this.#metrics,
      container,
    });
    this.#bypass = new BypassWatch({
      ownMark: UPSTREAM_MARK,
      countPassed: async () => this.#diversion?.countPassed(),
      leaseLapsedMs: () => this.#diversion?.lease.recentLapseMs(performance.now()),
      chainsOfOthers: async () => (await this.#diversion?.chainsOfOthers()) ?? [],
      onBlind: (error) => this.#log.warn({ err: error }, "what passes the agent by is not seen"),
    });
  }

  /**
   * Starts an agent in the network namespace of this process. Nothing is diverted before somebody subscribes.
   * @throws AlreadyRunning, NftError `unusable`, KernelError `EPERM`
   */
  static async start(options: AgentOptions): Promise<Agent> {
    const agent = new Agent(options);
    try {
      await agent.#open();
      return agent;
    } catch (error) {
      agent.#ready.reject(error);
      await agent.#release();
      throw error;
    }
  }

  /** The port of the control server on 127.0.0.1. */
  get port(): number {
    return this.#control?.port ?? 0;
  }

  /** Dismisses every client and ends once what is under way has ended, or its time is up. Called again it ends at once. */
  async close(reason: string): Promise<void> {
    if (this.#drainage !== undefined) return this.#drainage.end();
    for (const session of this.#sessions) session.dismiss("agent-closing", reason);
    await this.#drain();
  }

  async #open(): Promise<void> {
    const { log, backend, runtimeDirectory } = this.#options;
    const tickets = this.#tickets;
    this.#control = await ControlServer.listen({
      tickets,
      onCarrier: (carrier) => {
        clearTimeout(this.#lingerTimer);
        const onClosed = (session: Session) => this.#sessionClosed(session);
        this.#sessions.add(new Session({ carrier, context: this.#sessionContext(), onClosed }));
      },
      resume: (claim) => {
        for (const session of this.#sessions)
          if (session.id === claim.sessionId) return session.resume(claim);
        return "unknown";
      },
    });
    const { port } = this.#control;
    const ready = this.#ready.promise;
    this.#admin = await AdminSocket.listen({
      ...{ runtimeDirectory, tickets, port, ready },
      looksIntoApps: mayLookIntoApps(),
      sessions: () => this.#held,
    });
    this.#guest = await NamespaceGuest.enter();
    this.#diversion = await Diversion.open({
      backend,
      log,
      onDiverted: (diverted) => this.#diverted(diverted),
      onLost: (error) => this.#diversionLost(error),
    });
    const readBuffer = newReadBuffer();
    const dialer = new OriginalDialer({
      readBuffer,
      mark: UPSTREAM_MARK,
      keepsClientAddress: this.#diversion.returnPath !== undefined,
      onWorseWay: (way, cause) => log.warn({ way, err: cause }, "the app is dialled in another way"),
    });
    const { inbound: counts } = this.#metrics;
    const onBareConnection = (port: number) => this.#withheld.bareConnection(port);
    this.#inbound = {
      routes: this.#routes,
      trace: this.#trace,
      counts,
      dialer,
      readBuffer,
      onBareConnection,
    };
    this.#lingerTimer = setTimeout(() => void this.#drain(), this.#options.firstClientMs);
    const { reason, returnPath } = this.#diversion;
    this.#ready.resolve();
    log.info({ backend: this.#diversion.backend, reason, returnPath: returnPath?.variant }, "agent ready");
  }

  #sessionContext(): SessionContext {
    return {
      routes: this.#routes,
      trace: this.#trace,
      control: this.#answers,
      onObserver: () => this.#endWhenAlone(),
      log: this.#log,
      agentVersion: this.#options.version,
      redirect: {
        backend: this.#diversion?.backend ?? "none",
        reason: this.#diversion?.reason ?? "the agent is closing",
      },
      ownPorts: [this.port],
      portsApplied: () => this.#ports,
      podRoot: this.#options.podRoot,
      services: {
        outgoing: this.#outgoing.forSession(),
        files: this.#files.forSession(),
      },
      dialOriginal: (wanted) => this.#dialOriginal(wanted),
      takeOver: (port, tell, signal) => void this.#takeOver(port, tell, signal),
      countCopy: (outcome) => this.#metrics.inbound.copies[outcome]++,
      watchBypass: (follower) => this.#bypass.follow(follower),
    };
  }

  #dialOriginal(wanted: Dial): void {
    if (this.#inbound !== undefined) return this.#inbound.dialer.dial(wanted);
    setImmediate(() => wanted.onFailed(new Error("the agent has not begun yet")));
  }

  #diverted({ fd, peer, original }: Diverted): void {
    if (this.#inbound === undefined) return;
    const onClosed = (closed: Connection) => {
      this.#connections.delete(closed);
      this.#drainage?.check();
    };
    const connection = new Connection({ context: this.#inbound, fd, peer, original, onClosed });
    this.#connections.add(connection);
    this.#drainage?.take(connection);
  }

  /** Ports are applied in order, always as they are then; a session that waits for its own waits for all before. */
  #applyPorts(): void {
    const applied = this.#ports
      .catch(() => undefined)
      .then(async () => {
        if (this.#state !== "closed")
          await this.#diversion?.setPorts(this.#withheld.without(this.#routes.ports()));
      });
    // Whoever asked hears of a failure through `portsApplied`; nobody may be waiting.
    applied.catch((error: unknown) => this.#log.error({ err: error }, "ports were not applied"));
    this.#ports = applied;
  }

  /** An app that is gone, and looked for, is missed as it would be without the agent. */
  #appChanged(port: number, state: "withheld" | "back"): void {
    this.#applyPorts();
    const isBack = state === "back";
    const message = isBack
      ? `something listens on port ${port} again: it is stolen from as before`
      : `nothing listens on port ${port} any more, and somebody looks for it by connecting, as a tcp health probe does: until it is ` +
        "back the port is closed, as it would be without Magpie, for stolen requests too. --steal-probes keeps it open";
    for (const { tell } of this.#routes.of(port)?.byAge ?? [])
      tell({ level: isBack ? "info" : "warning", code: isBack ? "app-back" : "app-down", message });
    this.#log.info({ port, state }, "the app's port");
    // What connected meanwhile is the app's.
    if (isBack) void this.#ports.catch(() => undefined).then(() => this.#bypass.rebase(port));
  }

  async #takeOver(port: number, tell: (message: string) => void, signal: AbortSignal): Promise<void> {
    try {
      await takeOver({
        port,
        ownMark: UPSTREAM_MARK,
        ownClients: () => new Set(Array.from(this.#connections, ({ peer }) => formatEndpoint(peer))),
        signal,
        onProgress: (ended, busy) =>
          tell(
            `ended ${ended} idle connections to port ${port}; ${busy} are busy and end after their exchange`,
          ),
      });
    } catch (error) {
      if (!signal.aborted) tell(`connections to port ${port} were not taken over: ${String(error)}`);
    }
  }

  #sessionClosed(session: Session): void {
    if (!this.#sessions.delete(session)) return;
    this.#lastPresentMs = Math.max(this.#lastPresentMs, session.awaySinceMs ?? Date.now());
    this.#endWhenAlone(this.#lastPresentMs);
  }

  /** How many sessions there are that do not only ask. */
  get #held(): number {
    return this.#sessions.values().reduce((count, { isObserver }) => count + (isObserver ? 0 : 1), 0);
  }

  /**
   * Ends in a while when nobody is there, or only such as ask. A client that vanished was waited for: that time counts, so that
   * its grace and ours do not add up.
   */
  #endWhenAlone(sinceMs = Date.now()): void {
    if (this.#state !== "running" || this.#held > 0) return;
    clearTimeout(this.#lingerTimer);
    const { lingerMs } = this.#options;
    const leftMs = lingerMs - Math.max(0, Date.now() - sinceMs);
    this.#lingerTimer = setTimeout(() => void this.#drain(), Math.max(0, leftMs));
  }

  /** Bystanders come first: they are served directly from now on, and what is under way may end. */
  #overBudget(why: string): void {
    if (this.#state !== "running") return;
    this.#log.warn({ why }, "over budget");
    for (const session of this.#sessions)
      session.dismiss("over-budget", `it was a burden to everybody on the ports and gave them back: ${why}`);
    void this.#drain();
  }

  #diversionLost(error: Error): void {
    if (this.#state !== "running") return;
    this.#log.error({ err: error }, "the rules are gone");
    for (const session of this.#sessions)
      session.dismiss("redirect-lost", `the redirect rules are gone: ${error.message}`);
    // Nothing comes in any more, but what is under way need not end for that.
    this.#fault = error;
    void this.#drain();
  }

  /** Gives the ports back, waits for what is under way, and ends. */
  async #drain(): Promise<void> {
    if (this.#state !== "running") return;
    this.#state = "draining";
    this.#withheld.close();
    this.#bypass.close();
    this.#budget.close();
    clearTimeout(this.#lingerTimer);
    this.#log.info({ connections: this.#connections.size }, "draining");
    this.#control?.close();
    this.#admin?.close();
    await this.#ports.catch(() => undefined);
    await this.#diversion?.release().catch((error: unknown) => this.#log.error({ err: error }, "release"));
    this.#drainage = new Drain({
      connections: this.#connections,
      maxMs: this.#options.drainMaxMs,
      log: this.#log,
      stopAccepting: () => this.#diversion?.stopAccepting(),
      onOver: () => this.#finish(),
    });
  }

  #finish(): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#release().then(
      () => (this.#fault === undefined ? this.#end.resolve() : this.#end.reject(this.#fault)),
      (error: unknown) => this.#end.reject(error),
    );
  }

  async #release(): Promise<void> {
    this.#state = "closed";
    this.#withheld.close();
    this.#bypass.close();
    this.#budget.close();
    clearTimeout(this.#lingerTimer);
    this.#control?.close();
    this.#admin?.close();
    for (const connection of this.#connections) connection.reset();
    const diversion = this.#diversion;
    // Agents that drain, or were started while this one drained, use the same way back.
    await this.#guest?.leave(async () => diversion?.returnPath?.close());
    await diversion?.close();
    this.#outgoing[Symbol.dispose]();
    this.#log.info("agent closed");
  }
}
