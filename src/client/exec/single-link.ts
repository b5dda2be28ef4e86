import { ClientError } from "../errors.ts";
import { DeliveringSession, type DeliveryWay } from "../running/delivering-session.ts";
import type { Reporter } from "../running/reporter.ts";
import type { SessionWork } from "../running/run-session.ts";
import type { SessionStanding } from "../running/standing.ts";
import { startOver } from "../running/start-over.ts";
import type { ListeningPort } from "../sandbox/sandbox.ts";
import type { SessionEnd } from "../session/index.ts";
import type { AgentTicket } from "../target/index.ts";
import type { ExecLink } from "./exec-link.ts";
import type { ExecPlan } from "./exec-plan.ts";
import type { PortSubscriptions } from "./port-subscriptions.ts";

/** What every link is made of. */
export interface LinkParts {
  readonly plan: ExecPlan;
  readonly work: SessionWork;
  readonly reporter: Reporter;
  readonly way: DeliveryWay;
  /** Ports that the program listens on now. */
  readonly openPorts: () => readonly ListeningPort[];
}

interface SingleParts extends LinkParts {
  readonly standing: SessionStanding;
  readonly subscriptions: PortSubscriptions | undefined;
}

/** The link to a target that is one. A session that is lost for good is followed by another one where the plan says so. */
export class SingleLink implements ExecLink {
  readonly #parts: SingleParts;
  readonly #over = new AbortController();
  readonly #lost = Promise.withResolvers<ClientError>();
  #current: DeliveringSession | undefined;

  private constructor(parts: SingleParts) {
    this.#parts = parts;
  }

  /** Joins the target's agent. @throws ClientError; the signal's reason. */
  static async open(
    parts: SingleParts,
    about: { signal: AbortSignal; firstTicket: Promise<AgentTicket> },
  ): Promise<SingleLink> {
    const link = new SingleLink(parts);
    await link.#join(about);
    return link;
  }

  get current(): DeliveringSession | undefined {
    return this.#over.signal.aborted ? undefined : this.#current;
  }

  get lost(): Promise<ClientError> {
    return this.#lost.promise;
  }

  opened(port: ListeningPort): void {
    this.#parts.subscriptions?.opened(port);
  }

  async leave(options: { boundMs: number; signal: AbortSignal }): Promise<void> {
    this.#over.abort();
    await this.#current?.leave(options);
  }

  async #join(about: { signal: AbortSignal; firstTicket?: Promise<AgentTicket> }): Promise<void> {
    const { plan, work, standing, reporter, way, subscriptions, openPorts } = this.#parts;
    const common = { work, standing, reporter, way, looksIntoApp: true };
    const current = await DeliveringSession.open(plan, { ...common, ...about });
    this.#current = current;
    reporter.ready(current.describe({ filter: plan.filter, ports: [] }));
    subscriptions?.use(current, { open: openPorts(), signal: this.#over.signal });
    void current.ended.then((end) => this.#ended(end));
  }

  async #ended(end: SessionEnd): Promise<void> {
    if (end.how === "left" || this.#over.signal.aborted) return;
    const { plan, reporter } = this.#parts;
    const ended = this.#current;
    this.#current = undefined;
    await ended?.[Symbol.asyncDispose]();
    if (plan.loss.onLost !== "rejoin" || !end.mayStartOver) return this.#lost.resolve(end.error);
    reporter.connection({ state: "given-up", message: end.error.message });
    const { signal } = this.#over;
    try {
      await startOver({ open: (signal) => this.#join({ signal }), reporter, signal });
    } catch (error) {
      if (!signal.aborted) this.#lost.resolve(error instanceof ClientError ? error : end.error);
    }
  }
}
