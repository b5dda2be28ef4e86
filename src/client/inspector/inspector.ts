import type { Filter } from "../../filters/index.ts";
import { type Json, ProtocolError } from "../../protocol/index.ts";
import { ClientError } from "../errors.ts";
import type { ComparedAnswers, InspectedSession, SessionWatcher } from "../running/index.ts";
import { askDecision, followDecisions } from "./decisions/followed-decisions.ts";
import type { DecisionReader } from "./decisions/decision-joiner.ts";
import { InspectorError } from "./errors.ts";
import { HeldRequests } from "./hold/held-requests.ts";
import { Descriptors } from "./messages/index.ts";
import type { InspectedPort, InspectorState, Receiver } from "./page-contract.ts";
import { filterText } from "./query/filter-preview.ts";
import type { RecordedRequest } from "./record/recorded-request.ts";
import { defaultStoreLimits, RequestStore, type StoreLimits } from "./record/request-store.ts";
import { SessionTap } from "./record/session-tap.ts";
import { Sender } from "./send/sender.ts";

/** How long an agent is waited for that is asked about one request. */
const askMs = 1_000;
/** How long an agent takes at most to decide by another filter. */
const setFilterMs = 5_000;

interface Watched {
  readonly session: InspectedSession;
  readonly over: AbortController;
  readonly reader: DecisionReader;
}

/** Asks an agent where no session of ours runs. */
export interface LookedOn {
  /** Decisions from before, at most so many. */
  readonly last: number;
  readonly member: string | undefined;
  readonly ask: (
    question: Parameters<InspectedSession["session"]["ask"]>[0],
    options: { signal: AbortSignal },
  ) => AsyncIterable<Json>;
}

/**
 * What a page shows and does, without the page: records what the sessions of a command do, follows what their agents decide,
 * holds, sends, and changes filters. Its owner disposes it; sessions may come and go meanwhile.
 */
export class Inspector implements SessionWatcher, AsyncDisposable {
  readonly store: RequestStore;
  readonly held: HeldRequests;
  readonly descriptors = new Descriptors();
  readonly sender: Sender;
  readonly version: string;
  readonly #target: string;
  readonly #last: number;
  readonly #offline: string | undefined;
  readonly #watched = new Map<InspectedSession, Watched>();
  readonly #listeners = new Set<(options: { isUrgent: boolean }) => void>();
  readonly #over = new AbortController();
  /** The latest session, also when it is over. */
  #session: { id: string; name: string } | null = null;
  #ports: InspectedPort[] = [];
  #isLookingOn: InspectorState["connection"] = "ended";

  constructor(options: {
    version: string;
    target: string;
    /** Decisions from before, at most so many of each agent. */
    last: number;
    /** Nobody's session runs here: why nothing can be done beyond looking. */
    offline?: string | undefined;
    limits?: StoreLimits;
    /** Something that whoever sits at the terminal should know. */
    onNotice?: ((message: string) => void) | undefined;
  }) {
    this.version = options.version;
    this.#target = options.target;
    this.#last = options.last;
    this.#offline = options.offline;
    this.store = new RequestStore(options.limits ?? defaultStoreLimits);
    this.held = new HeldRequests({
      onChange: () => this.#changed(),
      onAbandoned: (count) => {
        const what = count === 1 ? "a request that was held goes" : `${count} requests that were held go`;
        options.onNotice?.(`no page has been there for 30 s: holding is off, ${what} on`);
        this.#changed();
      },
    });
    this.sender = new Sender({ store: this.store, sessions: () => this.#watched.keys() });
  }

  /** Calls `listener` when the state has changed, until what this gives is disposed. */
  onState(listener: (options: { isUrgent: boolean }) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  get sessions(): readonly InspectedSession[] {
    return [...this.#watched.keys()];
  }

  get state(): InspectorState {
    const { store } = this;
    const sendTo = this.#sendTo();
    const whyNot = this.#whyNot();
    const { log } = store;
    return {
      version: this.version,
      target: this.#target,
      session: this.#session,
      connection: this.#connection(),
      ports: this.#ports,
      holding: this.held.state,
      can: {
        setFilter: sendTo.length > 0,
        hold: this.sessions.some(({ mode }) => mode === "steal"),
        sendTo,
        whyNot,
      },
      descriptors: this.descriptors.files,
      kept: {
        rows: store.size,
        maxRows: store.maxRows,
        bytes: log.bytes,
        maxBytes: log.maxBytes,
        bodiesCut: store.contentsCut,
        missed: store.missed,
      },
    };
  }

  // --- sessions ---

  joined(session: InspectedSession): void {
    const { proof, name, member } = session;
    const over = new AbortController();
    const remoteOf = (inPod: number): number =>
      session.ports.find((port) => port.inPod === inPod)?.remote ?? inPod;
    const reader = { member, sessionId: proof.session, remoteOf };
    this.#watched.set(session, { session, over, reader });
    this.#session = { id: proof.session, name };
    session.tap = new SessionTap({
      store: this.store,
      held: this.held,
      session,
      member,
      remoteOf: (id) => session.ports.find(({ subscription }) => subscription === id)?.remote,
    });
    void this.#follow({
      ask: (question, options) => session.session.ask(question, options),
      as: proof,
      reader,
      isWanted: (inPod) => session.ports.some((port) => port.inPod === inPod),
      signal: AbortSignal.any([over.signal, this.#over.signal]),
    });
    this.changed(session);
  }

  changed(_session: InspectedSession): void {
    const ports = new Map<number, InspectedPort>();
    for (const { ports: all, mode } of this.#watched.keys())
      for (const { remote: port, local, filter, revision, isHeld } of all)
        if (isHeld && !ports.has(port))
          ports.set(port, { port, mode, local, filter: filterText(filter), revision });
    this.#ports = [...ports.values()].toSorted((one, other) => one.port - other.port);
    this.#changed();
  }

  left(session: InspectedSession): void {
    this.#watched.get(session)?.over.abort();
    this.#watched.delete(session);
    session.tap = undefined;
    // What it had stays to be looked at.
    if (this.#watched.size > 0) this.changed(session);
    else this.#changed();
  }

  compared({ requestId, verdict, differences }: ComparedAnswers): void {
    const request = this.store.byRequestId(requestId);
    if (request === undefined) return;
    request.row.compared = verdict;
    request.differences = differences.map(({ place, original, local }) => ({
      place,
      answer: original,
      other: local,
    }));
    this.store.touch(request);
  }

  /** Follows the decisions of an agent by a session that only asks. Settles when it is over. @throws ClientError */
  async lookOn({ member, last, ask }: LookedOn): Promise<void> {
    const reader = { member, sessionId: null, remoteOf: (port: number) => port };
    this.#isLookingOn = "connected";
    this.#changed();
    const about = { ask, as: null, reader, last, isWanted: () => true, signal: this.#over.signal };
    try {
      await followDecisions({ ...about, store: this.store });
    } finally {
      this.#isLookingOn = "lost";
      this.#changed();
    }
  }

  // --- what the page wants ---

  /** Has the decision of a request told, where it was not told yet. */
  async wantDecision(request: RecordedRequest): Promise<void> {
    if (request.decision !== undefined || request.source !== "live") return;
    for (const { session, reader } of this.#watched.values()) {
      if (request.session !== session) continue;
      const requestId = request.requestId.slice(request.requestId.lastIndexOf("/") + 1);
      const ask = session.session.ask.bind(session.session);
      const { proof: as } = session;
      const signal = AbortSignal.timeout(askMs);
      await askDecision({ ask, store: this.store, reader, as, requestId, signal });
    }
  }

  /** Gives a port another filter, with every member. @throws InspectorError */
  async setFilter(port: number, filter: Filter | null): Promise<void> {
    const holders = this.sessions.filter(({ ports }) =>
      ports.some(({ remote, isHeld }) => isHeld && remote === port),
    );
    if (holders.length === 0) throw new InspectorError(409, `no session of this process holds port ${port}`);
    const signal = AbortSignal.timeout(setFilterMs);
    const results = await Promise.allSettled(holders.map((one) => one.setFilter(port, filter, { signal })));
    const failed = results.find((result) => result.status === "rejected");
    if (failed === undefined) return;
    const { reason } = failed;
    if (!(reason instanceof ClientError) && !signal.aborted) throw reason;
    throw new InspectorError(409, reason instanceof Error ? reason.message : String(reason), {
      hint: reason instanceof ClientError ? reason.hint : undefined,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over.abort();
    for (const session of this.#watched.keys()) session.tap = undefined;
    this.held[Symbol.dispose]();
    this.sender[Symbol.dispose]();
    await this.store[Symbol.asyncDispose]();
  }

  async #follow(about: Omit<Parameters<typeof followDecisions>[0], "store" | "last">): Promise<void> {
    try {
      await followDecisions({ ...about, store: this.store, last: this.#last });
    } catch (error) {
      // The session is over, or its agent says what we cannot read: what passes here is recorded all the same.
      if (!(error instanceof ClientError || error instanceof ProtocolError)) throw error;
    }
  }

  #connection(): InspectorState["connection"] {
    if (this.#offline !== undefined) return this.#isLookingOn;
    const all = this.sessions;
    if (all.length === 0) return this.#session === null ? "lost" : "ended";
    return all.some(({ connection }) => connection === "connected") ? "connected" : "lost";
  }

  #sendTo(): Receiver[] {
    const holds = this.sessions.some(({ ports }) => ports.some(({ isHeld }) => isHeld));
    return holds ? ["local", "original"] : [];
  }

  #whyNot(): string | null {
    if (this.#offline !== undefined) return this.#offline;
    if (this.#sendTo().length > 0)
      return this.sessions.some(({ mode }) => mode === "steal") ? null : "only stolen requests can be held";
    if (this.#session === null) return "the session has not begun yet";
    return this.#watched.size === 0 ? "the session has ended" : "the session holds no port";
  }

  #changed(options = { isUrgent: true }): void {
    for (const listener of this.#listeners) listener(options);
  }
}
