import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { compileFilter, FilterError, readFilter } from "../../filters/index.ts";
import {
  type AgentMessage,
  type ClientMessage,
  type DecisionRecord,
  encodeOpening,
  type Hello,
  type ListedSession,
  type OpeningMeta,
  parseClientMessage,
  PROTOCOL_VERSION,
  ProtocolError,
  type Subscribe,
  type SubscribeTls,
} from "../../protocol/index.ts";
import { type Carrier, type StreamEvents, Tunnel, type TunnelStream } from "../../tunnel/index.ts";
import type { AskableSession, Control } from "../control/index.ts";
import type { Log } from "../log.ts";
import { type Holder, Mirror, RouteConflict, type Routes, type Subscription } from "../routing/index.ts";
import { BadCertificate, TlsTerms } from "../tls/index.ts";
import type { Listener, Trace } from "../trace/index.ts";
import type { Dial } from "../upstream/index.ts";
import { AskedOriginals } from "./asked-originals.ts";
import { CopyReports } from "./copy-reports.ts";
import { Questions } from "./questions.ts";

/** A session may hold this many subscriptions; a developer has a handful. */
const MAX_SUBSCRIPTIONS = 64;
/** How long a tunnel that is full of messages is spared further decisions. */
const BUSY_TUNNEL_MS = 200;
/** How long streams may go on after a session said that it leaves. */
const LEAVE_MS = 10_000;

/** What sessions need of the agent. */
export interface SessionContext {
  readonly routes: Routes;
  readonly trace: Trace;
  readonly control: Control;
  readonly log: Log;
  readonly agentVersion: string;
  readonly redirect: { readonly backend: string; readonly reason: string };
  /** Ports of the agent itself, which must not be stolen. */
  readonly ownPorts: readonly number[];
  /** Resolves when the kernel diverts the ports that are subscribed to now. @throws when it cannot */
  readonly portsApplied: () => Promise<void>;
  /** Dials the app, so that nothing diverts the connection. */
  readonly dialOriginal: (wanted: Dial) => void;
  /** Where the pod's files are, for paths that a client names. */
  readonly podRoot: string;
  /** The session turned out to be one that only asks. */
  readonly onObserver: () => void;
  /** Connections that are established on a port already shall be taken over, for as long as `signal` lasts. */
  readonly takeOver: (port: number, tell: (message: string) => void, signal: AbortSignal) => void;
}

interface Held {
  readonly wanted: Subscribe;
  readonly subscription: Subscription;
  readonly listener: Listener | undefined;
  /** Of a mirror. */
  readonly reports: CopyReports | undefined;
  /** Milliseconds since the epoch. */
  readonly since: number;
  revision: number;
  readonly ended: AbortController;
}

/**
 * One client: its tunnel, and what it has subscribed to.
 *
 * `waiting` for hello → `open` → `closed`. When the tunnel is gone, however it went, every subscription goes with it.
 */
export class Session implements Holder, AskableSession {
  readonly id = randomBytes(4).toString("hex");
  name = "unknown";
  readonly #since = Date.now();
  /** Of the secret that the client alone was told. */
  #keyHash: Buffer = Buffer.alloc(0);
  readonly #questions: Questions;
  readonly #asked: AskedOriginals;
  #isObserver = false;
  readonly #context: SessionContext;
  readonly #log: Log;
  readonly #tunnel: Tunnel;
  readonly #onClosed: (session: Session) => void;
  readonly #held = new Map<number, Held>();
  /** Numbers of subscriptions whose files are being read. */
  readonly #preparing = new Set<number>();
  #state: "waiting" | "open" | "closed" = "waiting";
  #readsHttp2 = false;
  #silentUntilMs = 0;
  #untold = 0;

  constructor(options: { carrier: Carrier; context: SessionContext; onClosed: (session: Session) => void }) {
    this.#context = options.context;
    this.#log = options.context.log.child({ session: this.id });
    this.#onClosed = options.onClosed;
    this.#questions = new Questions({
      session: this.id,
      control: options.context.control,
      tell: (answer) => this.#tunnel.sendMessage(answer),
    });
    this.#asked = new AskedOriginals({
      mirrored: (id) => this.#mirroredPort(id),
      dial: (wanted) => this.#context.dialOriginal(wanted),
    });
    this.#tunnel = new Tunnel({
      carrier: options.carrier,
      role: "agent",
      events: {
        onMessage: (payload) => this.#message(payload),
        onStream: (stream, opening) => this.#asked.open(stream, opening),
        onClose: (error) => {
          this.#log.info({ err: error }, "session closed");
          this.#closed();
        },
        onFault: (error) => this.#log.error({ err: error }, "fault in a stream"),
      },
    });
  }

  openStream(meta: OpeningMeta, head: Uint8Array, events: StreamEvents): TunnelStream | undefined {
    return this.#state === "open" ? this.#tunnel.open(encodeOpening(meta, head), events) : undefined;
  }

  /** It only asks: it holds nothing, and keeps no agent from ending. */
  get isObserver(): boolean {
    return this.#isObserver;
  }

  /** Whether somebody may speak for this session. Compared in a time that tells nothing. */
  holdsKey(key: string): boolean {
    return this.#keyHash.length > 0 && timingSafeEqual(this.#keyHash, hashOf(key));
  }

  listed(): ListedSession {
    const subscriptions = Array.from(this.#held.values(), ({ wanted, since, revision, subscription }) => {
      const { id, port, mode, filter, priority } = wanted;
      const { requests } = subscription.count;
      return {
        id,
        port,
        mode,
        filter,
        priority,
        revision,
        since,
        requests,
        copies: subscription.mirror?.counts ?? null,
        until: null,
        requestsLeft: null,
      };
    });
    return { id: this.id, name: this.name, since: this.#since, subscriptions };
  }

  /** Tells the client that it is over and why, and ends. */
  dismiss(code: string, message: string): void {
    if (this.#state === "closed") return;
    this.#tell({ type: "goodbye", code, message });
    this.#leave();
  }

  #message(payload: Buffer): void {
    let message: ClientMessage | undefined;
    try {
      message = parseClientMessage(payload);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      return this.dismiss("bad-message", error.message);
    }
    // Keys do not stay in memory for longer than they are read.
    if (message?.type === "subscribe" && message.tls !== null) payload.fill(0);
    // A type that this version does not know: the client will see that nothing comes of it.
    if (message === undefined) return;
    if (this.#state === "waiting" && message.type !== "hello")
      return this.dismiss("bad-message", "the first message must be hello");
    this.#act(message);
  }

  #act(message: ClientMessage): void {
    switch (message.type) {
      case "hello":
        return this.#hello(message);
      case "subscribe":
        void this.#subscribe(message);
        return;
      case "unsubscribe":
        void this.#unsubscribe(message.id);
        return;
      case "leave":
        return this.#leave();
      case "ask":
        return this.#questions.ask(message);
      case "unask":
        return this.#questions.withdraw(message.id);
      default:
    }
  }

  #hello({ protocol, name, capabilities, observer }: Hello): void {
    if (this.#state !== "waiting") return;
    if (protocol !== PROTOCOL_VERSION) {
      const versions = `the client speaks version ${protocol} of the protocol, the agent ${PROTOCOL_VERSION}`;
      return this.dismiss("protocol-version", `${versions}: install the same version of both`);
    }
    this.name = name;
    this.#readsHttp2 = capabilities.includes("http2");
    this.#isObserver = observer;
    this.#state = "open";
    this.#log.info({ name, observer }, "session open");
    if (observer) this.#context.onObserver();
    const key = randomBytes(32).toString("base64url");
    this.#keyHash = hashOf(key);
    const { agentVersion, redirect } = this.#context;
    this.#tell({
      type: "welcome",
      protocol: PROTOCOL_VERSION,
      capabilities: ["steal", "mirror", "trace", "take-over", "http2"],
      agentVersion,
      sessionId: this.id,
      sessionKey: key,
      redirect,
    });
  }

  async #subscribe(wanted: Subscribe): Promise<void> {
    const refuse = (code: string, message: string) =>
      this.#tell({ type: "refused", id: wanted.id, code, message });
    if (this.#isObserver) return refuse("observer", "who only asks cannot subscribe");
    if (this.#held.has(wanted.id) || this.#preparing.has(wanted.id))
      return refuse("id-in-use", `subscription ${wanted.id} exists already`);
    if (this.#held.size + this.#preparing.size >= MAX_SUBSCRIPTIONS)
      return refuse("too-many", `a session holds at most ${MAX_SUBSCRIPTIONS} subscriptions`);
    if ((wanted.mode === "mirror") !== (wanted.mirror !== null))
      return refuse("bad-mirror", "a mirror, and nothing else, has terms of a mirror");
    if (this.#context.ownPorts.includes(wanted.port))
      return refuse("port-of-agent", `port ${wanted.port} is the agent's own`);
    let held: Held;
    let revision: number;
    try {
      const tls = wanted.tls === null ? undefined : await this.#termsOf(wanted.id, wanted.tls);
      if (tls === "withdrawn") return this.#unsubscribed(wanted.id);
      held = this.#hold(wanted, tls);
      revision = this.#context.routes.add(held.subscription);
      held.revision = revision;
    } catch (error) {
      if (error instanceof RouteConflict) return refuse(error.code, error.message);
      if (error instanceof FilterError) return refuse("bad-filter", error.message);
      if (error instanceof BadCertificate) return refuse(error.code, error.message);
      throw error;
    }
    this.#held.set(wanted.id, held);
    if (held.listener !== undefined) this.#context.trace.listen(held.listener);
    try {
      await this.#context.portsApplied();
    } catch (error) {
      this.#drop(wanted.id);
      return refuse("redirect-failed", String(error));
    }
    if (!this.#held.has(wanted.id)) return;
    this.#log.info({ port: wanted.port, subscription: wanted.id, revision }, "subscribed");
    this.#tell({ type: "subscribed", id: wanted.id, revision });
    if (!wanted.takeOver) return;
    const tell = (message: string) =>
      this.#tell({ type: "notice", level: "info", code: "take-over", message });
    this.#context.takeOver(wanted.port, tell, held.ended.signal);
  }

  /** Gives `withdrawn` when the subscription is not wanted any more once its files have been read. @throws BadCertificate */
  async #termsOf(id: number, tls: SubscribeTls): Promise<TlsTerms | "withdrawn"> {
    this.#preparing.add(id);
    try {
      const terms = await TlsTerms.of(tls, this.#context.podRoot);
      if (!this.#preparing.has(id)) return "withdrawn";
      for (const message of terms.warnings)
        this.#tell({ type: "notice", level: "warning", code: "certificate", message });
      return terms;
    } finally {
      this.#preparing.delete(id);
    }
  }

  #hold(wanted: Subscribe, tls: TlsTerms | undefined): Held {
    const told = new Set<string>();
    const tree = wanted.filter === null ? undefined : readFilter(wanted.filter);
    const reports =
      wanted.mirror === null
        ? undefined
        : new CopyReports({ subscription: wanted.id, tell: (report) => this.#tell(report) });
    const mirror =
      wanted.mirror === null
        ? undefined
        : new Mirror({ terms: wanted.mirror, onCounted: () => reports?.due() });
    if (mirror !== undefined) reports?.of(mirror);
    const subscription: Subscription = {
      id: wanted.id,
      holder: this,
      port: wanted.port,
      filter: tree === undefined ? undefined : { tree, compiled: compileFilter(tree) },
      mirror,
      priority: wanted.priority,
      onLocalFailure: wanted.onLocalFailure,
      readsHttp2: this.#readsHttp2,
      tls,
      count: { requests: 0 },
      tellOnce: (code, message) => {
        if (told.has(code)) return;
        told.add(code);
        this.#tell({ type: "notice", level: "info", code, message });
      },
    };
    const listener: Listener | undefined = wanted.trace
      ? {
          port: wanted.port,
          // Another session's number would name a subscription of this one.
          heard: (record) =>
            this.#tellDecision(record.session === this.id ? record : { ...record, subscription: null }),
        }
      : undefined;
    const ended = new AbortController();
    return { wanted, subscription, listener, reports, since: Date.now(), revision: 0, ended };
  }

  async #unsubscribe(id: number): Promise<void> {
    // It is told when its files have been read.
    if (this.#preparing.delete(id)) return;
    this.#drop(id);
    try {
      await this.#context.portsApplied();
    } catch (error) {
      // The lease ends by itself; the port is released a few seconds later.
      this.#log.error({ err: error }, "a port was not released at once");
    }
    this.#unsubscribed(id);
  }

  #unsubscribed(id: number): void {
    this.#tell({ type: "unsubscribed", id, code: "asked", message: "" });
  }

  #drop(id: number): void {
    const held = this.#held.get(id);
    if (held === undefined) return;
    this.#held.delete(id);
    held.ended.abort();
    held.reports?.close();
    if (held.listener !== undefined) this.#context.trace.unlisten(held.listener);
    this.#context.routes.remove(held.subscription);
  }

  /** The port of a mirror with answers, unless its TLS is ended by the agent. */
  #mirroredPort(id: number): { readonly port: number; readonly isTls: boolean } | undefined {
    const subscription = this.#held.get(id)?.subscription;
    if (subscription?.mirror?.terms.answers !== true) return undefined;
    const { port } = subscription;
    return { port, isTls: this.#context.routes.of(port)?.tls !== undefined };
  }

  /** Takes nothing new; what is under way may end. */
  #leave(): void {
    this.#closed();
    void this.#tunnel.close({ signal: AbortSignal.timeout(LEAVE_MS) });
  }

  #closed(): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#preparing.clear();
    this.#questions.close();
    for (const id of [...this.#held.keys()]) this.#drop(id);
    this.#onClosed(this);
  }

  /** Decisions may be many: what the tunnel does not take at once is counted and left out. */
  #tellDecision(record: DecisionRecord): void {
    const now = performance.now();
    if (now < this.#silentUntilMs) {
      this.#untold++;
      return;
    }
    if (this.#untold > 0) {
      const message = `${this.#untold} decisions were not told: the tunnel was busy`;
      this.#tell({ type: "notice", level: "warning", code: "trace-incomplete", message });
      this.#untold = 0;
    }
    if (!this.#tunnel.sendMessage(record)) this.#silentUntilMs = now + BUSY_TUNNEL_MS;
  }

  #tell(message: AgentMessage): void {
    this.#tunnel.sendMessage(message);
  }
}

function hashOf(key: string): Buffer {
  return createHash("sha256").update(key).digest();
}
