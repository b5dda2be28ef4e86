import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import {
  type AgentMessage,
  type ClientMessage,
  encodeOpening,
  type FilterSetDone,
  type Hello,
  type Json,
  type ListedSession,
  type OpeningMeta,
  parseClientMessage,
  PROTOCOL_VERSION,
  ProtocolError,
  type Released,
  type Subscribe,
} from "../../protocol/index.ts";
import {
  type NotingCarrier,
  type ResumeAnswer,
  type ResumeClaim,
  type StreamEvents,
  Tunnel,
  TunnelError,
  type TunnelStream,
} from "../../tunnel/index.ts";
import type { AskableSession } from "../control/index.ts";
import type { Log } from "../log.ts";
import type { Holder } from "../routing/index.ts";
import { AskedOriginals } from "./asked-originals.ts";
import { Attachment } from "./attachment.ts";
import { ClientStreams } from "./client-streams.ts";
import { DecisionTeller } from "./decision-teller.ts";
import { Questions } from "./questions.ts";
import type { SessionContext } from "./session-context.ts";
import { Subscriptions } from "./subscriptions.ts";
import { withCutTexts } from "./with-cut-texts.ts";

/** How long streams may go on after a session said that it leaves. */
const LEAVE_MS = 10_000;

/**
 * One client: its tunnel, and what it has subscribed to.
 *
 * `waiting` for hello → `open` → `closed`. While its carrier is lost and may come back, streams wait and subscriptions
 * stay. When the tunnel is gone, however it went, every subscription goes with it.
 */
export class Session implements Holder, AskableSession {
  readonly id = randomBytes(4).toString("hex");
  name = "unknown";
  readonly #since = Date.now();
  /** Of the secret that the client alone was told. */
  #keyHash: Buffer = Buffer.alloc(0);
  readonly #questions: Questions;
  #isObserver = false;
  readonly #context: SessionContext;
  readonly #log: Log;
  readonly #attachment: Attachment;
  readonly #tunnel: Tunnel;
  readonly #onClosed: (session: Session) => void;
  readonly #subscriptions: Subscriptions;
  readonly #streams: ClientStreams;
  #state: "waiting" | "open" | "closed" = "waiting";
  #readsHttp2 = false;

  constructor(options: {
    carrier: NotingCarrier;
    context: SessionContext;
    onClosed: (session: Session) => void;
  }) {
    this.#context = options.context;
    this.#log = options.context.log.child({ session: this.id });
    this.#onClosed = options.onClosed;
    this.#questions = new Questions({
      session: this.id,
      control: options.context.control,
      tell: (answer) => this.#tunnel.sendMessage(answer),
      onFault: (error) => this.#log.error({ err: error }, "fault in an answer"),
    });
    this.#subscriptions = new Subscriptions({
      holder: this,
      context: this.#context,
      log: this.#log,
      decisions: new DecisionTeller({
        session: this.id,
        trace: options.context.trace,
        tell: (message) => this.#tell(message),
        isCrowded: () => this.#tunnel.isCrowded,
      }),
      tell: (message) => void this.#tell(message),
    });
    this.#streams = new ClientStreams({
      asked: new AskedOriginals({
        held: (id) => this.#subscriptions.heldPort(id),
        dial: (wanted) => this.#context.dialOriginal(wanted),
      }),
      services: options.context.services,
    });
    this.#attachment = new Attachment({
      raw: options.carrier,
      log: this.#log,
      onGone: () => this.#tunnel.destroy(new TunnelError("carrier-lost", "the client's process is gone")),
    });
    this.#tunnel = new Tunnel({
      carrier: this.#attachment.carrier,
      role: "agent",
      events: {
        onMessage: (payload) => this.#message(payload),
        onStream: (stream, opening) => this.#streams.open(stream, opening),
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

  /** When its connection was lost, milliseconds since the epoch; undefined while it is there. */
  get awaySinceMs(): number | undefined {
    return this.#attachment.awaySince;
  }

  get isAway(): boolean {
    return this.#attachment.carrier.isDetached;
  }

  /** Whether somebody may speak for this session. Compared in a time that tells nothing. */
  holdsKey(key: string): boolean {
    return this.#keyHash.length > 0 && timingSafeEqual(this.#keyHash, hashOf(key));
  }

  /** The client is back on another connection, or somebody says so. */
  resume(claim: ResumeClaim): ResumeAnswer {
    return this.holdsKey(claim.key) ? this.#attachment.resume(claim) : "wrong-key";
  }

  /** The last round trip of its tunnel; undefined before the first. */
  get roundTripMs(): number | undefined {
    return this.#tunnel.roundTripMs;
  }

  get subscriptionCount(): number {
    return this.#subscriptions.count;
  }

  get names(): ReadonlySet<string> {
    return this.#subscriptions.names();
  }

  listed(): ListedSession {
    const subscriptions = this.#subscriptions.listed();
    const { awaySince = null } = this.#attachment;
    return { id: this.id, name: this.name, since: this.#since, awaySince, subscriptions };
  }

  async release(about: { readonly ports: readonly number[]; readonly by: string }): Promise<Released> {
    return await this.#subscriptions.release(about);
  }

  setFilter(about: {
    readonly port: number | null;
    readonly filter: Json;
    readonly by: string;
  }): FilterSetDone {
    return this.#subscriptions.setFilter(about);
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
        return this.#subscribe(message);
      case "unsubscribe":
        void this.#subscriptions.unsubscribe(message.id);
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

  #hello({ protocol, name, capabilities, observer, ...about }: Hello): void {
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
      graceMs: this.#attachment.welcomed(about),
      redirect,
    });
  }

  #subscribe(wanted: Subscribe): void {
    const refuse = (code: string, message: string) =>
      this.#tell({ type: "refused", id: wanted.id, code, message });
    if (this.#isObserver) return void refuse("observer", "who only asks cannot subscribe");
    this.#subscriptions.subscribe(wanted, { readsHttp2: this.#readsHttp2 }).catch((error: unknown) => {
      this.#log.error({ err: error }, "fault in a subscription");
      refuse("internal", "a fault of the agent; its log says which");
    });
  }

  /** Takes nothing new; what is under way may end, unless nobody is there to end it. */
  #leave(): void {
    this.#closed();
    if (this.#attachment.carrier.isDetached) this.#tunnel.destroy();
    else void this.#tunnel.close({ signal: AbortSignal.timeout(LEAVE_MS) });
  }

  #closed(): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#attachment.close();
    this.#questions.close();
    this.#subscriptions.close();
    this.#onClosed(this);
  }

  /** Gives false when the tunnel is full. Never throws: others act when they tell, and must not fail for one client's sake. */
  #tell(message: AgentMessage): boolean {
    try {
      return this.#tunnel.sendMessage(withCutTexts(message));
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#log.error({ err: error, type: message.type }, "a message was not told");
      return true;
    }
  }
}

function hashOf(key: string): Buffer {
  return createHash("sha256").update(key).digest();
}
