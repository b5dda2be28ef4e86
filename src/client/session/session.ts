import {
  type AgentMessage,
  type ClientMessage,
  type ClientOpening,
  type Copies,
  type DecisionRecord,
  encodeClientOpening,
  encodeMessage,
  type FilterChanged,
  type Goodbye,
  type Json,
  type Notice,
  parseAgentMessage,
  PROTOCOL_VERSION,
  ProtocolError,
  type Question,
  type Refused,
  type Subscribe,
  type Subscribed,
  type Unsubscribed,
  type Welcome,
} from "../../protocol/index.ts";
import {
  type NotingCarrier,
  ResumableCarrier,
  type StreamEvents,
  Tunnel,
  TunnelError,
  type TunnelStream,
} from "../../tunnel/index.ts";
import { ClientError } from "../errors.ts";
import { OpenQuestions } from "./open-questions.ts";
import { ownProcess } from "./own-process.ts";
import { rejoin } from "./rejoin.ts";
import { explainLoss, type JoinedAgent, mayStartOver, type SessionEnd } from "./session-end.ts";
import type { WayBack } from "./way-back.ts";

/** What the owner of a session is told. */
export interface SessionEvents {
  onStream(stream: TunnelStream, opening: Buffer): StreamEvents;
  onDecision(decision: DecisionRecord): void;
  onNotice(notice: Notice): void;
  onCopies(copies: Copies): void;
  /** Somebody who may has given a subscription another filter. */
  onFilterChanged(change: FilterChanged): void;
  /** The agent has ended a subscription that we did not end. */
  onTaken(subscription: Unsubscribed): void;
  /** The connection is lost, and for `graceMs` everything waits for it; or it is back, and nothing was lost. */
  onConnection?(change: ConnectionChange): void;
}

export type ConnectionChange =
  | { readonly state: "lost"; readonly graceMs: number }
  | { readonly state: "resumed"; readonly afterMs: number };

export interface SessionOptions {
  /** Not started yet; the session owns it from here on. */
  readonly carrier: NotingCarrier;
  /** How we come back when the carrier is lost, and how long that is tried; without it a lost carrier is the end. */
  readonly comeBack?: { readonly wayBack: WayBack; readonly graceMs: number } | undefined;
  readonly targetLabel: string;
  readonly agent: JoinedAgent;
  /** Who we are, for the eyes of those who share the target. */
  readonly name: string;
  /** It only asks; false when left out. */
  readonly isObserver?: boolean;
  readonly events: SessionEvents;
}

/** What is still to be answered for a subscription. */
interface Asked {
  readonly message: Subscribe;
  readonly answer: PromiseWithResolvers<Subscribed>;
}

type State =
  | { readonly at: "joining" }
  | { readonly at: "joined" }
  | { readonly at: "leaving" }
  | { readonly at: "ended"; readonly end: SessionEnd };

/**
 * One session with an agent, over one tunnel.
 *
 * States: joining → joined → leaving → ended; anything → ended when the tunnel is lost. `ended` settles exactly once.
 * A lost connection is no end yet: it is brought back, and the tunnel only stalls meanwhile.
 * The creator ends it by `leave`, or by disposing it.
 */
export class Session implements AsyncDisposable {
  readonly #carrier: ResumableCarrier;
  readonly #tunnel: Tunnel;
  readonly #over = new AbortController();
  readonly #options: SessionOptions;
  readonly #welcome = Promise.withResolvers<Welcome>();
  readonly #ended = Promise.withResolvers<SessionEnd>();
  readonly #asked = new Map<number, Asked>();
  readonly #questions: OpenQuestions;
  readonly #subscriptions = new Set<number>();
  /** Subscriptions that we have ended, and the agent has not yet. */
  readonly #released = new Map<number, PromiseWithResolvers<void>>();
  #lastSubscription = 0;
  #goodbye: Goodbye | undefined;
  #state: State = { at: "joining" };

  private constructor(options: SessionOptions) {
    this.#options = options;
    // Nobody may be listening yet, or any more: an unheard failure is told by `ended` as well.
    this.#welcome.promise.catch(() => undefined);
    this.#questions = new OpenQuestions((message) => this.#send(message));
    this.#carrier = new ResumableCarrier({
      raw: options.carrier,
      onDetached: () => void this.#comeBack(),
      onAttached: (afterMs) => options.events.onConnection?.({ state: "resumed", afterMs }),
    });
    this.#tunnel = new Tunnel({
      carrier: this.#carrier,
      role: "client",
      events: {
        onMessage: (payload) => this.#receive(payload),
        onStream: (stream, opening) => options.events.onStream(stream, opening),
        onClose: (error) => this.#closed(error),
      },
    });
  }

  /**
   * Says hello and waits for the welcome.
   * @throws ClientError `session-lost` when the agent does not take us; the signal's reason.
   */
  static async join(
    options: SessionOptions & { signal?: AbortSignal },
  ): Promise<{ session: Session; welcome: Welcome }> {
    const { signal } = options;
    const session = new Session(options);
    const abort = (): void => session.#welcome.reject(signal?.reason);
    signal?.addEventListener("abort", abort, { once: true });
    try {
      signal?.throwIfAborted();
      const { name, isObserver: observer = false, comeBack } = options;
      session.#send({
        type: "hello",
        protocol: PROTOCOL_VERSION,
        capabilities: ["http2"],
        name,
        observer,
        graceMs: comeBack?.graceMs ?? 0,
        process: ownProcess(),
      });
      const welcome = await session.#welcome.promise;
      return { session, welcome };
    } catch (error) {
      session.destroy();
      throw error;
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  /** Settles when the session is over, whoever ended it; never rejects. */
  get ended(): Promise<SessionEnd> {
    return this.#ended.promise;
  }

  /** The number that the next subscription will have, so that its streams find their way from the first on. */
  get nextSubscription(): number {
    return this.#lastSubscription + 1;
  }

  /**
   * Asks for a port's requests; settles when the agent decides by it. When `signal` aborts before that, it is withdrawn: a
   * place that was asked for stays with whoever holds it.
   * @throws ClientError `subscribe-refused` with the agent's own words, `session-lost`; the signal's reason.
   */
  async subscribe(
    about: Omit<Subscribe, "type" | "id">,
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<Subscribed> {
    signal?.throwIfAborted();
    const id = ++this.#lastSubscription;
    const message: Subscribe = { type: "subscribe", id, ...about };
    if (this.#state.at === "ended") throw lossOf(this.#state.end);
    const answer = Promise.withResolvers<Subscribed>();
    this.#asked.set(id, { message, answer });
    this.#send(message);
    const withdraw = (): void => this.#withdraw(id, signal?.reason);
    signal?.addEventListener("abort", withdraw, { once: true });
    try {
      return await answer.promise;
    } finally {
      signal?.removeEventListener("abort", withdraw);
    }
  }

  /**
   * Asks something and gives the answers as they come; leaving the loop withdraws the question.
   * @throws ClientError `ask-refused` with the agent's own words, `session-lost`; the signal's reason.
   */
  async *ask(question: Question, options: { signal?: AbortSignal } = {}): AsyncGenerator<Json, void> {
    if (this.#state.at === "ended") throw lossOf(this.#state.end);
    yield* this.#questions.ask(question, options);
  }

  /** Opens a stream of our own. @throws TunnelError when the session is over, or too many streams are open. */
  openStream(opening: ClientOpening, events: StreamEvents): TunnelStream {
    return this.#tunnel.open(encodeClientOpening(opening), events);
  }

  /**
   * Ends all subscriptions: nothing new comes, exchanges under way go on. Resolves when the agent has said so, and with it
   * all that it had to say of them, or when the session is over.
   */
  async unsubscribeAll(): Promise<void> {
    if (this.#state.at === "joined") this.#state = { at: "leaving" };
    for (const id of this.#subscriptions) this.#release(id);
    this.#subscriptions.clear();
    await Promise.all([...this.#released.values()].map(({ promise }) => promise));
  }

  /** Ends one subscription: nothing new comes of it, exchanges under way go on. Nobody is told that it was taken. */
  unsubscribe(id: number): void {
    if (this.#subscriptions.delete(id)) this.#release(id);
  }

  /** Says goodbye, and closes the tunnel when its streams are over, or when `signal` aborts. Safe to call twice. */
  async leave(options: { signal: AbortSignal }): Promise<void> {
    void this.unsubscribeAll();
    if (this.#state.at === "joining") this.#state = { at: "leaving" };
    this.#send({ type: "leave" });
    this.#carrier.graceMs = 0; // The agent keeps nothing for who has left.
    await this.#tunnel.close(options);
  }

  /** Ends now. Safe to call twice. */
  destroy(): void {
    if (this.#state.at !== "ended") this.#state = { at: "leaving" };
    this.#tunnel.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.leave({ signal: AbortSignal.timeout(disposeDeadlineMs) });
  }

  #send(message: ClientMessage): void {
    this.#tunnel.sendMessage(encodeMessage(message));
  }

  #receive(payload: Buffer): void {
    try {
      const message = parseAgentMessage(payload);
      if (message !== undefined) this.#take(message);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#goodbye = {
        type: "goodbye",
        code: error.code,
        message: `it sent what this version cannot read: ${error.message}`,
      };
      this.#tunnel.destroy();
    }
  }

  #take(message: AgentMessage): void {
    const { events } = this.#options;
    switch (message.type) {
      case "welcome":
        if (this.#state.at === "joining") this.#state = { at: "joined" };
        if (this.#options.comeBack !== undefined) this.#carrier.graceMs = message.graceMs;
        return this.#welcome.resolve(message);
      case "subscribed":
        // One that was withdrawn meanwhile is as good as ended.
        if (this.#asked.has(message.id)) this.#subscriptions.add(message.id);
        return this.#answer(message.id)?.answer.resolve(message);
      case "refused":
        return this.#refused(message);
      case "unsubscribed":
        this.#releasedOne(message.id);
        // After our own unsubscribe the number is not in the set any more.
        if (this.#subscriptions.delete(message.id)) events.onTaken(message);
        return undefined;
      case "decision":
        return events.onDecision(message);
      case "notice":
        return events.onNotice(message);
      case "filter-changed":
        return events.onFilterChanged(message);
      case "copies":
        return events.onCopies(message);
      case "answer":
        return this.#questions.answered(message);
      case "goodbye":
        this.#goodbye = message;
        return undefined;
    }
  }

  /** The connection is lost: brings it back while the grace time lasts. */
  async #comeBack(): Promise<void> {
    const { wayBack } = this.#options.comeBack ?? {};
    if (wayBack?.isOpen() !== true)
      return this.#tunnel.destroy(new TunnelError("resume-refused", "its agent is gone"));
    this.#options.events.onConnection?.({ state: "lost", graceMs: this.#carrier.graceMs });
    try {
      const { sessionId, sessionKey: key } = await this.#welcome.promise;
      const { signal } = this.#over;
      await rejoin({ carrier: this.#carrier, credentials: { sessionId, key }, wayBack, signal });
    } catch (error) {
      if (!(error instanceof TunnelError)) throw error;
      this.#tunnel.destroy(error);
    }
  }

  #answer(id: number): Asked | undefined {
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    return asked;
  }

  #withdraw(id: number, reason: unknown): void {
    const asked = this.#answer(id);
    if (asked === undefined) return;
    this.#release(id);
    asked.answer.reject(reason);
  }

  /** The agent will say `unsubscribed`. */
  #release(id: number): void {
    this.#send({ type: "unsubscribe", id });
    this.#released.set(id, Promise.withResolvers());
  }

  #releasedOne(id: number): void {
    this.#released.get(id)?.resolve();
    this.#released.delete(id);
  }

  #refused({ id, code, message }: Refused): void {
    const asked = this.#answer(id);
    if (asked === undefined) return this.#releasedOne(id);
    const hint = (asked.message.takeOver ? takerHints : refusalHints).get(code);
    asked.answer.reject(
      new ClientError("subscribe-refused", `port ${asked.message.port} is refused: ${message}`, {
        ...(hint === undefined ? {} : { hint }),
      }),
    );
  }

  /** The one way into `ended`. */
  #closed(error: TunnelError | undefined): void {
    const left = this.#state.at === "leaving";
    const { targetLabel, agent } = this.#options;
    const about = { goodbye: this.#goodbye, error };
    const lost = explainLoss({ targetLabel, agent, ...about });
    const end: SessionEnd = left
      ? { how: "left" }
      : { how: "lost", error: lost, mayStartOver: mayStartOver(about) };
    this.#over.abort();
    this.#state = { at: "ended", end };
    this.#welcome.reject(lost);
    for (const { answer } of this.#asked.values()) answer.reject(lost);
    this.#asked.clear();
    for (const id of [...this.#released.keys()]) this.#releasedOne(id);
    this.#questions.lost(lost);
    this.#ended.resolve(end);
  }
}

function lossOf(end: SessionEnd): ClientError {
  return end.how === "lost" ? end.error : new ClientError("session-lost", "the session was left");
}

/** How to go on, by the agent's code. */
const refusalHints: ReadonlyMap<string, string> = new Map([
  ["port-held", "Take only some requests by a filter, like --header, or ask for the place with --take-over."],
  ["same-filter", "Take other requests, or ask for the place with --take-over."],
]);

/** The same for who has asked for the place already: somebody else was faster. */
const takerHints: ReadonlyMap<string, string> = new Map([
  ["port-held", "Somebody else has the place by now. Running the same command again asks them for it."],
  ["same-filter", "Somebody else has the place by now. Running the same command again asks them for it."],
  ["away", "Running the same command again asks for it once more."],
]);

const disposeDeadlineMs = 5_000;
