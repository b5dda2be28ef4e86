import { EventEmitter, once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { Connection, type InboundContext } from "../../../src/agent/inbound/index.ts";
import { Mirror, Routes, type Subscription } from "../../../src/agent/routing/index.ts";
import { InboundCounts } from "../../../src/agent/metrics/index.ts";
import { newReadBuffer } from "../../../src/socket/index.ts";
import type { TlsTerms } from "../../../src/agent/tls/index.ts";
import { anybody, Trace } from "../../../src/agent/trace/index.ts";
import { type Dial, OriginalDialer } from "../../../src/agent/upstream/index.ts";
import { compileFilter, parseFilter } from "../../../src/filters/index.ts";
import { Acceptor, type Endpoint, localEndpoint, openListener } from "../../../src/kernel/index.ts";
import type { DecisionRecord, MirrorTerms, PodProbe } from "../../../src/protocol/index.ts";
import { ScriptedSession } from "./scripted-session.ts";

/** One end of a TCP connection in a test's hands: a client of the pod, or the app's side. */
export class RawEnd {
  readonly socket: Socket;
  text = "";
  bytes = 0;
  /** How the other side's half stands. */
  ended: "open" | "fin" | "reset" = "open";
  isClosed = false;
  readonly #changes = new EventEmitter();

  constructor(socket: Socket) {
    this.socket = socket;
    this.#changes.setMaxListeners(0);
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => {
      this.text += chunk.toString("latin1");
      this.bytes += chunk.length;
      this.#changes.emit("change");
    });
    socket.on("end", () => this.#end("fin"));
    socket.on("error", () => this.#end("reset"));
    socket.on("close", () => {
      this.isClosed = true;
      this.#changes.emit("change");
    });
  }

  send(text: string | Uint8Array): this {
    this.socket.write(typeof text === "string" ? Buffer.from(text, "latin1") : text);
    return this;
  }

  /** Waits until something holds; asked again after each change. */
  async until(holds: (end: this) => boolean): Promise<this> {
    while (!holds(this)) await once(this.#changes, "change");
    return this;
  }

  async got(text: string): Promise<this> {
    return await this.until((end) => end.text.includes(text));
  }

  async over(how: "fin" | "reset"): Promise<this> {
    return await this.until(({ ended }) => ended === how);
  }

  #end(how: "fin" | "reset"): void {
    if (this.ended === "open" || how === "reset") this.ended = how;
    this.#changes.emit("change");
  }
}

/** Dials as the agent does; a test may hold the dials back, or let them fail. */
class StageDialer extends OriginalDialer {
  dials = 0;
  mode: "dial" | "hold" | "refuse" = "dial";
  readonly #held: Dial[] = [];

  override dial(wanted: Dial): void {
    this.dials++;
    if (this.mode === "refuse") setImmediate(() => wanted.onFailed(new Error("refused")));
    else if (this.mode === "hold") this.#held.push(wanted);
    else super.dial(wanted);
  }

  /** Lets the held dials go. */
  release(mode: "dial" | "refuse"): void {
    this.mode = mode;
    for (const wanted of this.#held.splice(0)) this.dial(wanted);
  }
}

/** A session that gets copies. */
export interface Mirrored {
  readonly session: ScriptedSession;
  readonly mirror: Mirror;
  readonly subscription: Subscription;
}

/**
 * Connections of the agent between real sockets on loopback, without rules: clients connect to a listener of the agent,
 * and their original destination is said to be the stage's app.
 */
export class InboundStage implements AsyncDisposable {
  readonly routes = new Routes({ onPortsChanged: () => undefined });
  readonly trace = new Trace();
  readonly counts = new InboundCounts();
  /** Ports of connections that were closed without a byte. */
  readonly bareConnections: number[] = [];
  readonly session = new ScriptedSession();
  readonly connections: Connection[] = [];
  /** What was decided, as a listener hears it. */
  readonly records: DecisionRecord[] = [];
  /** What sessions were told once, by code. */
  readonly notices: string[] = [];
  /** The mirror that was made last. */
  mirrored: Mirrored | undefined;
  readonly dialer: StageDialer;
  readonly port: number;
  readonly #readBuffer = newReadBuffer();
  readonly #app: Server;
  readonly #accepted: RawEnd[] = [];
  readonly #waiting: ((end: RawEnd) => void)[] = [];
  readonly #clients: RawEnd[] = [];
  readonly #acceptor: Acceptor;
  readonly #entry: Endpoint;
  readonly #closed = new EventEmitter();
  #closedCount = 0;
  #lastSubscription = 0;

  private constructor(app: Server) {
    this.#app = app;
    this.port = (app.address() as AddressInfo).port; // A TCP server's address is no string.
    this.dialer = new StageDialer({
      readBuffer: this.#readBuffer,
      mark: 0x6d7,
      keepsClientAddress: true,
      onWorseWay: () => undefined,
    });
    app.on("connection", (socket: Socket) => this.#appAccepted(new RawEnd(socket)));
    const listener = openListener(
      { family: 4, address: "127.0.0.1", port: 0 },
      { transparent: false, backlog: 64 },
    );
    this.#entry = localEndpoint(listener);
    const context: InboundContext = {
      routes: this.routes,
      trace: this.trace,
      counts: this.counts,
      onBareConnection: (port) => void this.bareConnections.push(port),
      dialer: this.dialer,
      readBuffer: this.#readBuffer,
    };
    const original: Endpoint = { family: 4, address: "127.0.0.1", port: this.port };
    this.#acceptor = new Acceptor({
      listeners: [listener],
      onAccepted: ({ fd, peer }) => {
        const onClosed = () => {
          this.#closedCount++;
          this.#closed.emit("change");
        };
        this.connections.push(new Connection({ context, fd, peer, original, onClosed }));
      },
      onError: (error) => {
        throw error;
      },
    });
    const reader = { ...anybody, session: this.session.id };
    this.trace.listen({
      port: this.port,
      heard: (recording) => this.records.push(this.trace.recordOf(recording, reader)),
    });
  }

  /** `steal` and `mirror` are filters, or `everything`; without them the port has no subscription. */
  static async start(
    options: {
      steal?: string;
      mirror?: string;
      answers?: boolean;
      onLocalFailure?: Subscription["onLocalFailure"];
      probes?: Subscription["probes"];
      podProbes?: readonly PodProbe[];
      http2?: boolean;
      tellsCallers?: boolean;
    } = {},
  ): Promise<InboundStage> {
    const app = createServer({ allowHalfOpen: true, noDelay: true });
    app.listen(0, "127.0.0.1");
    await once(app, "listening");
    const stage = new InboundStage(app);
    const { steal, mirror, answers = false, ...rest } = options;
    if (steal !== undefined) stage.subscribe(steal, rest);
    if (mirror !== undefined) stage.mirror(mirror, { answers });
    return stage;
  }

  subscribe(
    filter: string,
    options: {
      onLocalFailure?: Subscription["onLocalFailure"];
      probes?: Subscription["probes"];
      podProbes?: readonly PodProbe[];
      session?: ScriptedSession;
      http2?: boolean;
      tellsCallers?: boolean;
      tls?: TlsTerms | undefined;
      mirror?: Mirror;
    } = {},
  ): Subscription {
    const tree = filter === "everything" ? undefined : parseFilter(filter);
    const subscription: Subscription = {
      id: ++this.#lastSubscription,
      holder: options.session ?? this.session,
      port: this.port,
      filter: tree === undefined ? undefined : { tree, compiled: compileFilter(tree) },
      mirror: options.mirror,
      priority: 0,
      onLocalFailure: options.onLocalFailure ?? "original",
      probes: options.probes ?? "original",
      podProbes: options.podProbes ?? [],
      readsHttp2: options.http2 ?? true,
      tellsCallers: options.tellsCallers ?? false,
      tls: options.tls,
      count: { requests: 0 },
      allowance: undefined,
      isKept: false,
      tell: () => undefined,
      end: () => undefined,
      tellOnce: (code, message) => this.notices.push(`${code}: ${message}`),
    };
    this.routes.add(subscription);
    return subscription;
  }

  /** Mirrors for a session of its own, unless one is given. */
  mirror(
    filter: string,
    terms: Partial<MirrorTerms> & {
      session?: ScriptedSession;
      random?: () => number;
      tls?: TlsTerms;
    } = {},
  ): Mirrored {
    const { session = new ScriptedSession({ id: "m1", name: "bob" }), random, tls, ...rest } = terms;
    const mirror = new Mirror({
      terms: { sample: 1, maxPerSecond: null, answers: false, ...rest },
      onCounted: () => undefined,
      ...(random === undefined ? {} : { random }),
    });
    this.mirrored = { session, mirror, subscription: this.subscribe(filter, { session, mirror, tls }) };
    return this.mirrored;
  }

  /**
   * A client that has connected; `Connection` is made in its own time. With `first` it says that at once: a silent one is
   * taken for something else after a while.
   */
  async connect({ first }: { first?: string } = {}): Promise<RawEnd> {
    const socket = connect({ host: "127.0.0.1", port: this.#entry.port, allowHalfOpen: true });
    const client = new RawEnd(socket);
    this.#clients.push(client);
    if (first !== undefined) client.send(first);
    await once(socket, "connect");
    return client;
  }

  /** The next connection that the app gets, in order. */
  async app(): Promise<RawEnd> {
    const end = this.#accepted.shift();
    return end ?? (await new Promise((resolve) => this.#waiting.push(resolve)));
  }

  /** Connections that reached the app and that no test has asked for. */
  get untakenAppConnections(): number {
    return this.#accepted.length;
  }

  /** Waits until this many of the agent's connections are gone on both sides. */
  async closed(count: number): Promise<void> {
    while (this.#closedCount < count) await once(this.#closed, "change");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.socket.destroy();
    this.#acceptor.close();
    for (const connection of this.connections) connection.reset();
    await this.closed(this.connections.length);
    this.#app.close();
    await once(this.#app, "close");
  }

  #appAccepted(end: RawEnd): void {
    this.#clients.push(end);
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#accepted.push(end);
    else waiting(end);
  }
}
