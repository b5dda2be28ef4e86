import type { Endpoint } from "../../kernel/index.ts";
import type { WireTls } from "../../protocol/index.ts";
import type { InboundCounts } from "../metrics/index.ts";
import type { PortRoutes, Routes } from "../routing/index.ts";
import { type Peer, type PeerOwner, TcpPeer } from "../../socket/index.ts";
import type { Trace } from "../trace/index.ts";
import type { OriginalDialer } from "../upstream/index.ts";
import { Pause, type PauseReason } from "./link.ts";
import { OriginalWay, type OriginalWayEvents } from "./original-way.ts";

/** What all connections of an agent share. */
export interface InboundContext {
  readonly routes: Routes;
  readonly trace: Trace;
  readonly counts: InboundCounts;
  readonly dialer: OriginalDialer;
  /** Somebody connected to the port, said nothing, and closed: a tcp probe of the app looks so. */
  readonly onBareConnection: (port: number) => void;
  readonly readBuffer: Buffer;
}

/** What the client's TLS said, where the agent reads what is inside. */
export interface ClientTls {
  readonly serverName: string | null;
  readonly alpn: string | undefined;
}

let lastId = 0;

/**
 * The two ends of a diverted connection, whatever it carries: who is there, on what terms, and whether they are read
 * just now.
 */
export abstract class ConnectionEnds implements PeerOwner, OriginalWayEvents {
  readonly id = ++lastId;
  readonly peer: Endpoint;
  readonly original: Endpoint;
  readonly trace: Trace;
  readonly counts: InboundCounts;
  protected readonly way: OriginalWay;
  readonly #routes: Routes;
  #client: Peer;
  #tls: ClientTls | undefined;
  #pauses = 0;

  constructor(options: { context: InboundContext; fd: number; peer: Endpoint; original: Endpoint }) {
    const { context } = options;
    this.#routes = context.routes;
    this.trace = context.trace;
    this.counts = context.counts;
    this.counts.connections.accepted++;
    this.peer = options.peer;
    this.original = options.original;
    this.#client = new TcpPeer({ fd: options.fd, owner: this, readBuffer: context.readBuffer });
    this.way = new OriginalWay({ dialer: context.dialer, from: this.peer, to: this.original, owner: this });
  }

  abstract onBytes(peer: Peer, bytes: Buffer, length: number): void;
  abstract onEnd(peer: Peer): void;
  abstract onDrain(peer: Peer): void;
  abstract onClosed(peer: Peer, error: NodeJS.ErrnoException | undefined): void;
  abstract onDialFailed(isWanted: boolean, refusal: string | undefined): void;

  onConnected(): void {
    // The dialer waits for this; a connection is told of its upstream when it is up.
  }

  get client(): Peer {
    return this.#client;
  }

  /** From now on the client is the one inside its TLS; it tells us what comes from here on. */
  protected unsealed(client: Peer, tls: ClientTls): void {
    this.#client = client;
    this.#tls = tls;
  }

  get tls(): WireTls | null {
    return this.#tls === undefined ? null : { serverName: this.#tls.serverName };
  }

  get tlsNote(): string | undefined {
    if (this.#tls === undefined) return undefined;
    const { serverName, alpn } = this.#tls;
    return `over TLS to ${serverName ?? "no name"}, ${alpn ?? "no alpn"}`;
  }

  get wayNote(): string | undefined {
    return this.way.note;
  }

  routes(): PortRoutes | undefined {
    return this.#routes.of(this.original.port);
  }

  toOriginal(bytes: Buffer, from: number, to: number): void {
    const outcome = this.way.send(bytes, from, to);
    if (outcome === "wait") this.pauseClient(Pause.original);
    else if (outcome === "impossible") this.reset();
  }

  onOriginalRoom(): void {
    this.resumeClient(Pause.original);
  }

  pauseClient(reason: PauseReason): void {
    this.#pauses |= reason;
    this.client.pause();
  }

  get isClientPaused(): boolean {
    return this.#pauses !== 0;
  }

  resumeClient(reason: PauseReason): void {
    if (this.#pauses === 0) return;
    this.#pauses &= ~reason;
    if (this.#pauses === 0) this.client.resume();
  }

  /** Reads the client whatever the reasons not to were. */
  protected readClientOut(): void {
    this.#pauses = 0;
    this.client.resume();
  }

  dropOriginal(): void {
    this.way.drop();
    this.resumeClient(Pause.original);
  }

  reset(): void {
    this.counts.resets++;
    this.client.reset();
    this.way.reset();
  }

  exchangeOver(): void {
    // The app ended its connection while the client was served by somebody else; the next request dials again.
    if (this.way.isEnded) this.way.forget();
  }
}
