import {
  type ClientHello,
  detectProtocol,
  FRAME_HEADER_BYTES,
  FrameType,
  readClientHello,
} from "../../http/index.ts";
import { type Endpoint, formatEndpoint } from "../../kernel/index.ts";
import type { WireTls } from "../../protocol/index.ts";
import type { PortRoutes, Routes } from "../routing/index.ts";
import type { Recording, Trace } from "../trace/index.ts";
import type { OriginalDialer } from "../upstream/index.ts";
import { Http1Conversation } from "./http1-conversation.ts";
import { Http2Conversation } from "./http2/http2-conversation.ts";
import { type Link, type OpaqueReason, Pause, type PauseReason } from "./link.ts";
import { OriginalWay, type OriginalWayEvents } from "./original-way.ts";
import { describeHello, refusalOf, Securing } from "./securing.ts";
import { type Peer, type PeerOwner, TcpPeer } from "../socket/index.ts";
import { StolenStream } from "./stolen-stream.ts";
import { HANDSHAKE_MS, type TlsTerms } from "../tls/index.ts";

/**
 * How long a client of an unfiltered steal may be silent before its connection is taken for a protocol in which the
 * server speaks first. Nobody waits for this on a port with filters: there the app is dialled at once.
 */
const SILENT_CLIENT_MS = 100;
/** A client that says nothing to an app that refused it waits for a server that is not there. */
const REFUSED_CLIENT_MS = 1_000;
/** A client that was told the end may go on sending this long before its connection is cut. */
const CLOSING_MS = 2_000;

/** An app that begins as an HTTP/2 server does, and whose client then says nothing for so long, speaks something else. */
const SILENT_BEHIND_SETTINGS_MS = 1_000;

/** A ClientHello that is not whole after this time is not waited for, where it would only be told of. */
const SLOW_HELLO_MS = 2_000;

/** What all connections of an agent share. */
export interface InboundContext {
  readonly routes: Routes;
  readonly trace: Trace;
  readonly dialer: OriginalDialer;
  readonly readBuffer: Buffer;
}

/**
 * What a connection carries.
 *
 * | phase       | bytes of the client …                                     | leaves to                    |
 * |-------------|------------------------------------------------------------|------------------------------|
 * | `detecting` | are kept until they name a protocol; so is what a server of HTTP/2 says before it is asked | every other |
 * | `securing`  | are part of a TLS handshake; then inner bytes are `detecting` | `detecting`, `closed`     |
 * | `http1`     | are read request by request                                 | `opaque`, `closing`, `closed` |
 * | `http2`     | are read frame by frame                                     | `opaque`, `closing`, `closed` |
 * | `opaque`    | go to the app unread                                        | `closed`                     |
 * | `stolen`    | go to a session unread                                      | `opaque`, `closed`           |
 * | `closing`   | are thrown away; FIN is on its way to the client            | `closed`                     |
 * | `closed`    | nobody is there any more                                    |                              |
 */
type Phase =
  | { readonly at: "detecting"; said: Buffer; early: Buffer; isHelloAwaited: boolean }
  | { readonly at: "securing"; readonly securing: Securing }
  | { readonly at: "http1"; readonly conversation: Http1Conversation }
  | { readonly at: "http2"; readonly conversation: Http2Conversation }
  | { readonly at: "opaque" }
  | { readonly at: "stolen"; readonly stream: StolenStream }
  | { readonly at: "closing" | "closed" };

/** RFC 9113 §6.5.1 */
const SETTING_BYTES = 6;
const NOTHING = Buffer.alloc(0);
let lastId = 0;

/** One diverted connection: the client on one side, the app or a session on the other. */
export class Connection implements PeerOwner, OriginalWayEvents, Link {
  readonly id = ++lastId;
  readonly peer: Endpoint;
  readonly original: Endpoint;
  readonly trace: Trace;
  readonly #routes: Routes;
  readonly #way: OriginalWay;
  readonly #onClosed: (connection: Connection) => void;
  #client: Peer;
  #tls: { readonly serverName: string | null; readonly alpn: string | undefined } | undefined;
  #phase: Phase = newDetecting();
  #pauses = 0;
  #recording: Recording | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: {
    context: InboundContext;
    fd: number;
    peer: Endpoint;
    original: Endpoint;
    /** The connection is gone on both sides, once. */
    onClosed: (connection: Connection) => void;
  }) {
    const { context } = options;
    this.#routes = context.routes;
    this.trace = context.trace;
    this.peer = options.peer;
    this.original = options.original;
    this.#onClosed = options.onClosed;
    this.#client = new TcpPeer({ fd: options.fd, owner: this, readBuffer: context.readBuffer });
    this.#way = new OriginalWay({ dialer: context.dialer, from: this.peer, to: this.original, owner: this });
    if (this.routes()?.unfiltered === undefined) this.#way.dial();
    else this.#timer = setTimeout(() => this.#stealStream("server-spoke-first"), SILENT_CLIENT_MS);
  }

  get client(): Peer {
    return this.#client;
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
    return this.#way.note;
  }

  routes(): PortRoutes | undefined {
    return this.#routes.of(this.original.port);
  }

  /** Whether closing it now disturbs nobody: HTTP without an exchange under way, or nothing said yet. */
  get isIdle(): boolean {
    const phase = this.#phase;
    return phase.at === "http1" || phase.at === "http2"
      ? phase.conversation.isIdle
      : phase.at === "detecting" && phase.said.length === 0;
  }

  /** The agent wants to go: the client is told so where its protocol has words for it. */
  drain(): void {
    if (this.#phase.at === "http2") this.#phase.conversation.drain();
  }

  /** Ends an idle connection as any server may (RFC 9112 §9.5). */
  closeIdle(): void {
    if (!this.isIdle) return;
    if (this.#phase.at === "http2") this.#phase.conversation.sayGoodbye();
    this.endClient();
  }

  // --- what the sockets tell ---

  onBytes(peer: Peer, bytes: Buffer, length: number): void {
    if (peer === this.client) this.#clientBytes(bytes, length);
    else this.#originalBytes(peer, bytes, length);
  }

  onEnd(peer: Peer): void {
    if (peer === this.client) this.#clientEnded();
    else if (this.#way.owns(peer)) this.#originalEnded(peer);
  }

  onDrain(peer: Peer): void {
    if (peer !== this.client) return this.onOriginalRoom();
    if (this.#phase.at === "http2") {
      this.#phase.conversation.clientDrained();
      return this.resumeOriginal();
    }
    this.#way.resume();
    if (this.#phase.at === "http1") this.#phase.conversation.clientDrained();
    else if (this.#phase.at === "stolen") this.#phase.stream.clientDrained();
  }

  onConnected(): void {
    // The dialer waits for this; a connection is told of its upstream when it is up.
  }

  onClosed(peer: Peer, error: NodeJS.ErrnoException | undefined): void {
    if (peer === this.client) this.#clientClosed(error);
    else if (this.#way.owns(peer)) this.#originalClosed(peer, error);
  }

  // --- what conversations ask for ---

  toOriginal(bytes: Buffer, from: number, to: number): void {
    const outcome = this.#way.send(bytes, from, to);
    if (outcome === "wait") this.pauseClient(Pause.original);
    else if (outcome === "impossible") this.reset();
  }

  becomeOpaque(reason: OpaqueReason): void {
    const { at } = this.#phase;
    if (at !== "detecting" && at !== "http1" && at !== "http2") return;
    this.#recordOpaque(reason);
    this.#passUnread();
  }

  #passUnread(): void {
    const held = this.#takeHeld();
    const early = this.#takeEarly();
    this.#phase = { at: "opaque" };
    clearTimeout(this.#timer);
    if (early.length === 0 || this.client.write(early)) this.#way.resume();
    if (held.length > 0) this.toOriginal(held, 0, held.length);
    else if (this.#way.at === "none") this.#way.dial();
    else if (this.#way.at === "failed") return this.reset();
    this.resumeClient(Pause.held);
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

  resumeOriginal(): void {
    if (this.#phase.at !== "http2" || this.#phase.conversation.takesOriginal) this.#way.resume();
  }

  dropOriginal(): void {
    this.#way.drop();
    this.resumeClient(Pause.original);
  }

  endOriginal(): void {
    // All its requests were served by others: the app has heard nothing that its FIN could end.
    const isUnheard = this.#phase.at === "http1" && !this.#phase.conversation.isFirst && !this.#way.isUsed;
    if (isUnheard || !this.#way.end(this.client.isTruncated ? "cut" : "end")) this.endClient();
  }

  endClient(): void {
    if (this.#phase.at === "closed") return;
    this.#phase = { at: "closing" };
    this.#pauses = 0;
    this.client.resume();
    this.#way.drop();
    clearTimeout(this.#timer);
    this.client.end(() => {
      this.#timer = setTimeout(() => this.client.destroy(), CLOSING_MS);
    });
  }

  reset(): void {
    this.client.reset();
    this.#way.reset();
  }

  exchangeOver(): void {
    // The app ended its connection while the client was served by somebody else; the next request dials again.
    if (this.#way.isEnded) this.#way.forget();
  }

  // --- the client ---

  #clientBytes(bytes: Buffer, length: number): void {
    const phase = this.#phase;
    if (phase.at === "http1" || phase.at === "http2") phase.conversation.clientBytes(bytes, length);
    else if (phase.at === "opaque") this.toOriginal(bytes, 0, length);
    else if (phase.at === "detecting") this.#detect(phase, bytes, length);
    else if (phase.at === "stolen") phase.stream.clientBytes(Buffer.from(bytes.subarray(0, length)));
  }

  #detect(phase: Phase & { at: "detecting" }, bytes: Buffer, length: number): void {
    const all = phase.said.length === 0 ? bytes : Buffer.concat([phase.said, bytes.subarray(0, length)]);
    const allLength = phase.said.length === 0 ? length : all.length;
    const protocol = detectProtocol(all, 0, allLength);
    if (protocol === "http1") {
      if (phase.early.length > 0) return this.#speakAfterServer(all, allLength);
      clearTimeout(this.#timer);
      const conversation = new Http1Conversation(this);
      this.#phase = { at: "http1", conversation };
      this.#way.resume();
      return conversation.clientBytes(all, allLength);
    }
    if (protocol === "http2" && this.routes()?.readsHttp2 === true) return this.#readHttp2(all, allLength);
    phase.said = Buffer.from(all.subarray(0, allLength));
    if (protocol === "more") return;
    // TLS within TLS is for whoever is inside.
    if (protocol === "tls" && this.#tls === undefined) return this.#readHello(phase);
    this.#stealStream(protocol === "opaque" || protocol === "tls" ? "not-http" : protocol);
  }

  #readHello(phase: Phase & { at: "detecting" }): void {
    const { said } = phase;
    const hello = phase.early.length > 0 ? "not-client-hello" : readClientHello(said, 0, said.length);
    const terms = this.routes()?.tls;
    if (hello === "not-client-hello") return this.#leaveSealed(undefined, "it begins with no ClientHello");
    if (hello === "more") {
      if (phase.isHelloAwaited) return;
      phase.isHelloAwaited = true;
      clearTimeout(this.#timer);
      const late = () => this.#leaveSealed(undefined, "its ClientHello is not whole");
      this.#timer = setTimeout(late, terms === undefined ? SLOW_HELLO_MS : HANDSHAKE_MS);
      return;
    }
    if (terms === undefined)
      return this.#leaveSealed(hello, "no certificate was given (--tls-cert, --tls-key)");
    const refusal = refusalOf(hello);
    const giveBack = refusal === undefined ? terms.takePlace() : undefined;
    if (giveBack === undefined)
      return this.#leaveSealed(hello, refusal ?? "too many handshakes are under way");
    this.#secure({ hello, terms, said, giveBack });
  }

  #secure(parts: { hello: ClientHello; terms: TlsTerms; said: Buffer; giveBack: () => void }): void {
    clearTimeout(this.#timer);
    const { hello } = parts;
    const securing = new Securing({
      ...parts,
      client: this.client,
      way: this.#way,
      readsHttp2: this.routes()?.readsHttp2 === true,
      events: {
        onSecured: (client, alpn) => this.#secured(client, { serverName: hello.serverName, alpn }),
        onUnread: (refusal) => this.#leaveSealed(hello, refusal),
        onCallerFailed: (failure) => {
          this.#recordOpaque(`tls: ${describeHello(hello)} is not read: ${failure}`);
          this.#clientClosed(undefined);
        },
      },
    });
    this.#phase = { at: "securing", securing };
    this.client.pause();
    securing.begin();
  }

  /** What is inside is looked at as if it had come in clear text. */
  #secured(client: Peer, tls: { serverName: string | null; alpn: string | undefined }): void {
    this.#client = client;
    this.#tls = tls;
    this.#phase = newDetecting();
    // Where everything is stolen the app is not heard before it is needed.
    if (this.#way.at === "failed") this.#timer = setTimeout(() => this.reset(), REFUSED_CLIENT_MS);
    else if (this.routes()?.unfiltered === undefined) this.#way.resume();
    else this.#timer = setTimeout(() => this.#stealStream("server-spoke-first"), SILENT_CLIENT_MS);
    client.giveTo(this);
    client.resume();
  }

  /** TLS goes on as it came, and those who filter the port are told why, once each. */
  #leaveSealed(hello: ClientHello | undefined, why: string): void {
    const phase = this.#phase;
    if (phase.at === "securing") {
      this.#way.withoutLayer();
      this.#phase = { ...newDetecting(), said: phase.securing.said };
      this.client.giveTo(this);
      this.client.resume();
    }
    const reason =
      `tls: ${hello === undefined ? "" : `${describeHello(hello)} `}passes unread: ${why}` as const;
    for (const subscription of this.routes()?.subscriptions ?? [])
      if (subscription.filter !== undefined)
        subscription.tellOnce("tls-unread", `port ${this.original.port}: ${reason}`);
    this.#stealStream(reason);
  }

  #speakAfterServer(said: Buffer, length: number): void {
    if (this.#phase.at === "detecting") this.#phase.said = Buffer.from(said.subarray(0, length));
    this.becomeOpaque("server-spoke-first");
  }

  #readHttp2(said: Buffer, length: number): void {
    clearTimeout(this.#timer);
    const early = this.#takeEarly();
    const conversation = new Http2Conversation(this);
    this.#phase = { at: "http2", conversation };
    if (this.#way.at === "none") this.#way.dial();
    else if (this.#way.at === "failed") conversation.originalMissing();
    conversation.clientBytes(said, length);
    if (early.length === 0) return this.resumeOriginal();
    if (conversation.originalBytes(early, early.length)) this.resumeOriginal();
  }

  /** Gives the connection to whoever steals the port without a filter, or else to the app. */
  #stealStream(reason: OpaqueReason): void {
    clearTimeout(this.#timer);
    if (this.#phase.at !== "detecting") return;
    const subscription = this.routes()?.unfiltered;
    // Its TLS was agreed to, but it has heard nothing yet.
    if (this.#tls !== undefined && subscription !== undefined && !this.#way.isUsed) this.#way.forget();
    // An app that is being spoken to already keeps its connection.
    if (subscription === undefined || this.#way.at !== "none") return this.becomeOpaque(reason);
    const requestId = this.trace.nextRequestId();
    const recording = this.trace.begin(
      this.#facts(),
      {
        verdict: "stolen-raw",
        reason: this.#reason(
          `everything on this port is stolen (session ${subscription.holder.id}, ${subscription.holder.name})`,
          reason.startsWith("tls: ") ? reason : undefined,
        ),
        explanation: null,
        subscription: subscription.id,
        session: subscription.holder.id,
        failure: null,
      },
      requestId,
    );
    const stream = new StolenStream({
      link: this,
      subscription,
      recording,
      onOriginal: (said) => this.#giveToOriginal(said),
    });
    if (!stream.begin(requestId)) return this.becomeOpaque(reason);
    const { said } = this.#phase;
    this.#phase = { at: "stolen", stream };
    if (said.length > 0) stream.clientBytes(said);
  }

  #giveToOriginal(said: readonly Buffer[]): void {
    this.#phase = { at: "opaque" };
    this.#way.dial();
    for (const bytes of said) this.toOriginal(bytes, 0, bytes.length);
    if (this.client.isEnded) this.endOriginal();
  }

  #clientEnded(): void {
    const phase = this.#phase;
    if (phase.at === "http1" || phase.at === "http2") phase.conversation.clientEnded();
    else if (phase.at === "stolen") phase.stream.clientEnded();
    else if (phase.at === "opaque") this.endOriginal();
    else if (phase.at === "detecting") {
      this.#stealStream("client-ended-early");
      this.#clientEnded();
    }
  }

  #clientClosed(error: NodeJS.ErrnoException | undefined): void {
    const phase = this.#phase;
    clearTimeout(this.#timer);
    this.#phase = { at: "closed" };
    if (phase.at === "http1" || phase.at === "http2") phase.conversation.clientGone();
    else if (phase.at === "stolen") phase.stream.clientGone();
    else if (phase.at === "securing") {
      phase.securing.abandon();
      this.#way.drop();
    }
    if (this.wayNote !== undefined) this.#recording?.add(this.wayNote);
    this.#recording?.finish(null);
    if (error === undefined) this.#way.leave();
    else this.#way.reset();
    this.#onClosed(this);
  }

  // --- the app ---

  onOriginalRoom(): void {
    this.resumeClient(Pause.original);
  }

  /** A stolen request needs no app; anybody else is refused as the app would have refused them. */
  onDialFailed(isWanted: boolean, refusal: string | undefined): void {
    if (this.#phase.at === "securing") return this.#phase.securing.dialFailed(refusal);
    if (this.#phase.at === "http2" && this.#phase.conversation.originalMissing()) return;
    if (isWanted || this.#phase.at === "opaque") this.reset();
    else if (this.#phase.at === "detecting") this.#timer = setTimeout(() => this.reset(), REFUSED_CLIENT_MS);
  }

  #originalBytes(peer: Peer, bytes: Buffer, length: number): void {
    if (!this.#way.owns(peer)) return;
    if (this.#phase.at === "detecting") {
      if (this.#holdsEarly(this.#phase, bytes, length)) return peer.pause();
      this.becomeOpaque("server-spoke-first");
    }
    const phase = this.#phase;
    if (phase.at === "closing" || phase.at === "closed") return;
    if (phase.at === "http2") {
      if (!phase.conversation.originalBytes(bytes, length)) peer.pause();
      return;
    }
    // Written to the client, it would end up in the middle of a session's answer.
    if (phase.at === "http1" && phase.conversation.isStolen) return this.#way.forget();
    if (phase.at === "http1" && phase.conversation.mayBecomeHttp2)
      return this.#readUpgradeAnswer(phase.conversation, peer, bytes.subarray(0, length));
    if (!this.client.write(bytes, 0, length)) peer.pause();
    if (phase.at === "http1") phase.conversation.originalBytes(bytes, length);
  }

  /**
   * A server of HTTP/2 need not wait for its client before it sends SETTINGS (RFC 9113 §3.4); what it says is kept until
   * the client has shown that it speaks HTTP/2, too.
   */
  #holdsEarly(phase: Phase & { at: "detecting" }, bytes: Buffer, length: number): boolean {
    if (phase.early.length > 0 || this.routes()?.readsHttp2 !== true) return false;
    if (!beginsWithSettings(bytes, length)) return false;
    phase.early = Buffer.from(bytes.subarray(0, length));
    this.#timer = setTimeout(() => this.becomeOpaque("server-spoke-first"), SILENT_BEHIND_SETTINGS_MS);
    return true;
  }

  /** What is behind a head that agrees to HTTP/2 must not reach the client unread (RFC 7540 §3.2). */
  #readUpgradeAnswer(conversation: Http1Conversation, peer: Peer, bytes: Buffer): void {
    const end = conversation.originalBytes(bytes, bytes.length);
    if (!this.client.write(bytes, 0, end)) peer.pause();
    const { upgrade } = conversation;
    if (upgrade === undefined || this.#phase.at !== "http1") return;
    const held = conversation.takeHeld();
    const next = new Http2Conversation(this, upgrade);
    this.#phase = { at: "http2", conversation: next };
    this.resumeClient(Pause.held);
    if (end < bytes.length && !next.originalBytes(bytes.subarray(end), bytes.length - end)) peer.pause();
    if (held.length > 0) next.clientBytes(held, held.length);
    if (conversation.isClientEnded) next.clientEnded();
  }

  /** Passes the app's FIN on, unless the client is served by somebody else just now. */
  #originalEnded(peer: Peer): void {
    this.#way.noteEnd();
    if (this.#phase.at === "securing") return this.reset();
    if (this.#phase.at === "http2" && !this.#phase.conversation.originalEnded()) return;
    if (this.#phase.at === "http1") {
      if (!this.#phase.conversation.originalEnded()) return;
      // It closed a connection that carried nothing, while others were served; the next request dials again.
      if (!this.#way.isUsed && !this.#phase.conversation.isFirst) return this.#way.forget();
      this.#passUnread();
    }
    this.#endClientLike(peer);
  }

  /** What was cut before its end must not look complete to the client. */
  #endClientLike(original: Peer): void {
    if (original.isTruncated) this.client.cut();
    else this.client.end();
  }

  #originalClosed(peer: Peer, error: NodeJS.ErrnoException | undefined): void {
    const { at } = this.#phase;
    if (at === "securing") return this.reset();
    if (this.#phase.at === "http1" && !this.#phase.conversation.originalEnded()) return this.#way.forget();
    this.#way.drop();
    if (this.#phase.at === "http2" && !this.#phase.conversation.originalEnded()) return;
    if (at === "closing" || at === "closed") return;
    if (error !== undefined) this.client.reset();
    else this.#endClientLike(peer);
  }

  // --- the rest ---

  #takeHeld(): Buffer {
    if (this.#phase.at === "http1" || this.#phase.at === "http2") return this.#phase.conversation.takeHeld();
    return this.#phase.at === "detecting" ? this.#phase.said : NOTHING;
  }

  #takeEarly(): Buffer {
    return this.#phase.at === "detecting" ? this.#phase.early : NOTHING;
  }

  #facts() {
    const { port } = this.original;
    const revision = this.routes()?.revision ?? 0;
    return { port, peer: formatEndpoint(this.peer), method: "", target: "", revision };
  }

  #reason(reason: string, note: string | undefined): string {
    return note === undefined ? reason : `${reason}; ${note}`;
  }

  #recordOpaque(reason: OpaqueReason): void {
    if (!this.trace.isHeard(this.original.port) || reason === "upgraded") return;
    this.#recording = this.trace.begin(this.#facts(), {
      verdict: "opaque",
      reason: this.#reason(reason, this.tlsNote),
      explanation: null,
      subscription: null,
      session: null,
      failure: null,
    });
  }
}

function newDetecting(): Phase & { at: "detecting" } {
  return { at: "detecting", said: NOTHING, early: NOTHING, isHelloAwaited: false };
}

/** Whether this is how a server of HTTP/2 begins: a SETTINGS frame without ACK on stream 0 (RFC 9113 §3.4, §6.5). */
function beginsWithSettings(bytes: Buffer, length: number): boolean {
  if (length < FRAME_HEADER_BYTES || bytes[3] !== FrameType.settings || bytes[4] !== 0) return false;
  return bytes.readUIntBE(0, 3) % SETTING_BYTES === 0 && bytes.readUInt32BE(5) === 0;
}
