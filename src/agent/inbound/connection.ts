import type { ClientHello } from "../../http/index.ts";
import type { Endpoint } from "../../kernel/index.ts";
import type { Peer } from "../../socket/index.ts";
import type { Recording } from "../trace/index.ts";
import { type ClientTls, ConnectionEnds, type InboundContext } from "./connection-ends.ts";
import type { Copies } from "./copies/copies.ts";
import { copyBytes } from "./copies/copy-bytes.ts";
import { Detection, type DetectionEvents } from "./detection.ts";
import { Http1Conversation } from "./http1-conversation.ts";
import { Http2Conversation } from "./http2/http2-conversation.ts";
import { type Link, type OpaqueReason, Pause } from "./link.ts";
import { isProbe, recordOpaque, recordStolenBytes } from "./record-connection.ts";
import { describeHello, Securing, tellSealed } from "./securing.ts";
import { StolenStream } from "./stolen-stream.ts";

/** A client that was told the end may go on sending this long before its connection is cut. */
const CLOSING_MS = 2_000;
const NOTHING = Buffer.alloc(0);

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
  | { readonly at: "detecting"; readonly detection: Detection }
  | { readonly at: "securing"; readonly securing: Securing }
  | { readonly at: "http1"; readonly conversation: Http1Conversation }
  | { readonly at: "http2"; readonly conversation: Http2Conversation }
  | { readonly at: "opaque"; readonly copies: Copies | undefined }
  | { readonly at: "stolen"; readonly stream: StolenStream; readonly copies: Copies | undefined }
  | { readonly at: "closing" | "closed" };

/** One diverted connection: the client on one side, the app or a session on the other. */
export class Connection extends ConnectionEnds implements DetectionEvents, Link {
  readonly #onClosed: (connection: Connection) => void;
  readonly #onBareConnection: (port: number) => void;
  #phase: Phase = { at: "detecting", detection: this.#detect() };
  #recording: Recording | undefined;
  #isLeaving = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: {
    context: InboundContext;
    fd: number;
    peer: Endpoint;
    original: Endpoint;
    /** The connection is gone on both sides, once. */
    onClosed: (connection: Connection) => void;
  }) {
    super(options);
    this.#onClosed = options.onClosed;
    this.#onBareConnection = options.context.onBareConnection;
    if (this.routes()?.unfiltered === undefined) this.way.dial();
    else if (this.#phase.at === "detecting") this.#phase.detection.awaitClient();
  }

  /** Whether closing it now disturbs nobody: HTTP without an exchange under way, or nothing said yet. */
  get isIdle(): boolean {
    const phase = this.#phase;
    return phase.at === "http1" || phase.at === "http2"
      ? phase.conversation.isIdle
      : phase.at === "detecting" && phase.detection.said.length === 0;
  }

  get isLeaving(): boolean {
    return this.#isLeaving;
  }

  /** Whether its client knows that nothing is taken any more: then it is not surprised when an idle connection ends. */
  get isWarned(): boolean {
    return this.#phase.at === "http2" && this.#phase.conversation.isWarned;
  }

  /** The agent wants to go: the client is told so where its protocol has words for it, and when. */
  drain(): void {
    this.#isLeaving = true;
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
    const { counts, trace } = this;
    const startedMs = counts.beginRead();
    trace.clock.hold();
    if (peer === this.client) {
      counts.bytes.fromClient += length;
      this.#clientBytes(bytes, length);
    } else {
      counts.bytes.fromApp += length;
      this.#originalBytes(peer, bytes, length);
    }
    trace.clock.release();
    if (startedMs > 0) counts.endRead(startedMs);
  }

  onEnd(peer: Peer): void {
    if (peer === this.client) this.#clientEnded();
    else if (this.way.owns(peer)) this.#originalEnded(peer);
  }

  onDrain(peer: Peer): void {
    if (peer !== this.client) return this.onOriginalRoom();
    if (this.#phase.at === "http2") {
      this.#phase.conversation.clientDrained();
      return this.resumeOriginal();
    }
    this.way.resume();
    if (this.#phase.at === "http1") this.#phase.conversation.clientDrained();
    else if (this.#phase.at === "stolen") this.#phase.stream.clientDrained();
  }

  onClosed(peer: Peer, error: NodeJS.ErrnoException | undefined): void {
    if (peer === this.client) this.#clientClosed(error);
    else if (this.way.owns(peer)) this.#originalClosed(peer, error);
  }

  // --- what conversations ask for ---

  becomeOpaque(reason: OpaqueReason, copies?: Copies): void {
    const { at } = this.#phase;
    if (at !== "detecting" && at !== "http1" && at !== "http2") return;
    // What was HTTP is copied request by request, and what cannot be read as such any more is not.
    this.#recording = recordOpaque(this, reason);
    this.#passUnread(at === "detecting" ? copyBytes(this, reason, this.#recording) : copies);
  }

  #passUnread(copies: Copies | undefined): void {
    const held = this.#takeHeld();
    const early = this.#takeEarly();
    this.#enter({ at: "opaque", copies });
    copies?.content(held, 0, held.length);
    if (this.#recording !== undefined) {
      this.#recording.bytesIn += held.length;
      this.#recording.bytesOut += early.length;
    }
    if (early.length === 0 || this.client.write(early)) this.way.resume();
    if (held.length > 0) this.toOriginal(held, 0, held.length);
    else if (this.way.at === "none") this.way.dial();
    else if (this.way.at === "failed") return this.reset();
    this.resumeClient(Pause.held);
  }

  resumeOriginal(): void {
    if (this.#phase.at !== "http2" || this.#phase.conversation.takesOriginal) this.way.resume();
  }

  endOriginal(): void {
    // All its requests were served by others: the app has heard nothing that its FIN could end.
    const isUnheard = this.#phase.at === "http1" && !this.#phase.conversation.isFirst && !this.way.isUsed;
    if (isUnheard || !this.way.end(this.client.isTruncated ? "cut" : "end")) this.endClient();
  }

  endClient(): void {
    if (this.#phase.at === "closed") return;
    this.#enter({ at: "closing" });
    this.readClientOut();
    this.way.drop();
    this.client.end(() => {
      this.#timer = setTimeout(() => this.client.destroy(), CLOSING_MS);
    });
  }

  // --- the client ---

  #clientBytes(bytes: Buffer, length: number): void {
    const phase = this.#phase;
    if (phase.at === "http1" || phase.at === "http2") phase.conversation.clientBytes(bytes, length);
    else if (phase.at === "opaque") {
      if (this.#recording !== undefined) this.#recording.bytesIn += length;
      this.toOriginal(bytes, 0, length);
      phase.copies?.content(bytes, 0, length);
    } else if (phase.at === "detecting") phase.detection.clientBytes(bytes, length);
    else if (phase.at === "stolen") {
      const said = Buffer.from(bytes.subarray(0, length));
      phase.stream.clientBytes(said);
      phase.copies?.piece(said);
    }
  }

  // --- what the connection turned out to be ---

  onHttp1(bytes: Buffer, length: number): void {
    const conversation = new Http1Conversation(this);
    this.counts.connections.http1++;
    this.#phase = { at: "http1", conversation };
    this.way.resume();
    conversation.clientBytes(bytes, length);
  }

  onHttp2(bytes: Buffer, length: number): void {
    const early = this.#takeEarly();
    const conversation = new Http2Conversation(this);
    this.counts.connections.http2++;
    this.#phase = { at: "http2", conversation };
    if (this.way.at === "none") this.way.dial();
    else if (this.way.at === "failed") conversation.originalMissing();
    conversation.clientBytes(bytes, length);
    if (early.length === 0 || conversation.originalBytes(early, early.length)) this.resumeOriginal();
    if (this.#isLeaving) conversation.drain();
  }

  onServerFirst(): void {
    this.becomeOpaque("server-spoke-first");
  }

  onNobodyThere(): void {
    this.#enter({ at: "closing" });
    this.reset();
  }

  onUnreadTls(why: string): void {
    this.#leaveSealed(undefined, why);
  }

  onTls(hello: ClientHello): void {
    this.counts.connections.tls++;
    const routes = this.routes();
    const securing = Securing.of({
      hello,
      said: this.#takeHeld(),
      terms: routes?.tls,
      client: this.client,
      way: this.way,
      readsHttp2: routes?.readsHttp2 === true,
      events: {
        onSecured: (client, alpn) => this.#secured(client, { serverName: hello.serverName, alpn }),
        onUnread: (refusal) => this.#leaveSealed(hello, refusal),
        onCallerFailed: (failure) => {
          this.#recording = recordOpaque(this, `tls: ${describeHello(hello)} is not read: ${failure}`);
          this.#clientClosed(undefined);
        },
      },
    });
    if (typeof securing === "string") return this.#leaveSealed(hello, securing);
    this.#phase = { at: "securing", securing };
    this.client.pause();
    securing.begin();
  }

  /** What is inside is looked at as if it had come in clear text. */
  #secured(client: Peer, tls: ClientTls): void {
    this.unsealed(client, tls);
    const detection = this.#detect();
    this.#phase = { at: "detecting", detection };
    // Where everything is stolen the app is not heard before it is needed.
    if (this.way.at === "failed") detection.awaitWithoutApp();
    else if (this.routes()?.unfiltered === undefined) this.way.resume();
    else detection.awaitClient();
    client.giveTo(this);
    client.resume();
  }

  /** TLS goes on as it came. */
  #leaveSealed(hello: ClientHello | undefined, why: string): void {
    const phase = this.#phase;
    if (phase.at === "securing") {
      this.way.withoutLayer();
      this.#phase = { at: "detecting", detection: this.#detect(phase.securing.said) };
      this.client.giveTo(this);
      this.client.resume();
    }
    const probe = hello === undefined ? undefined : this.#tlsProbe(hello.serverName);
    this.onOther(probe ?? tellSealed(this, hello, why));
  }

  /**
   * The kubelet's ClientHello names nobody, like that of everybody who asks for an address. Better that such a caller has the app
   * than that the program is asked for the app's health.
   */
  #tlsProbe(serverName: string | null): OpaqueReason | undefined {
    const routes = this.routes();
    if (routes?.unfiltered?.probes !== "original") return undefined;
    const probe = routes.probes.ofTls(serverName);
    if (probe === undefined) return undefined;
    return `tls-probe: TLS to ${serverName ?? "no server name"}, as of ${probe}, goes to the app`;
  }

  /** Gives the connection to whoever steals the port without a filter, or else to the app. */
  onOther(reason: OpaqueReason): void {
    if (this.#phase.at !== "detecting") return;
    const subscription = isProbe(reason) ? undefined : this.routes()?.unfiltered;
    // Its TLS was agreed to, but it has heard nothing yet.
    if (this.tls !== null && subscription !== undefined && !this.way.isUsed) this.way.forget();
    // An app that is being spoken to already keeps its connection.
    if (subscription === undefined || this.way.at !== "none") return this.becomeOpaque(reason);
    const recording = recordStolenBytes(this, subscription, reason);
    const stream = new StolenStream({
      link: this,
      subscription,
      recording,
      onOriginal: (said) => this.#giveToOriginal(said),
    });
    if (!stream.begin(recording.requestId)) {
      recording.withdraw();
      return this.becomeOpaque(reason);
    }
    const copies = copyBytes(this, reason, recording);
    const said = this.#takeHeld();
    this.#enter({ at: "stolen", stream, copies });
    if (said.length > 0) stream.clientBytes(said);
    copies?.piece(said);
  }

  #giveToOriginal(said: readonly Buffer[]): void {
    const copies = this.#phase.at === "stolen" ? this.#phase.copies : undefined;
    this.#phase = { at: "opaque", copies };
    this.way.dial();
    for (const bytes of said) this.toOriginal(bytes, 0, bytes.length);
    if (this.client.isEnded) this.endOriginal();
  }

  #clientEnded(): void {
    const phase = this.#phase;
    if (phase.at === "opaque" || phase.at === "stolen") phase.copies?.end();
    if (phase.at === "http1" || phase.at === "http2") phase.conversation.clientEnded();
    else if (phase.at === "stolen") phase.stream.clientEnded();
    else if (phase.at === "opaque") this.endOriginal();
    else if (phase.at === "detecting") {
      this.onOther(this.#endedDetecting(phase.detection));
      this.#clientEnded();
    }
  }

  /** A connection without a byte shows whether the app is there, unless its prober is to be answered by whoever steals. */
  #endedDetecting({ said }: Detection): OpaqueReason {
    if (said.length > 0 || this.tls !== null) return "client-ended-early";
    this.#onBareConnection(this.original.port);
    return this.routes()?.unfiltered?.probes === "steal" ? "client-ended-early" : "closed-without-a-byte";
  }

  #clientClosed(error: NodeJS.ErrnoException | undefined): void {
    const phase = this.#phase;
    if (phase.at === "detecting") this.#endedDetecting(phase.detection);
    this.#enter({ at: "closed" });
    if (phase.at === "opaque" || phase.at === "stolen") phase.copies?.cut("the caller is gone");
    if (phase.at === "http1" || phase.at === "http2") phase.conversation.clientGone();
    else if (phase.at === "stolen") phase.stream.clientGone();
    else if (phase.at === "securing") {
      phase.securing.abandon();
      this.way.drop();
    }
    if (this.wayNote !== undefined) this.#recording?.add(this.wayNote);
    this.#recording?.finish(null);
    if (error === undefined) this.way.leave();
    else this.way.reset();
    this.#onClosed(this);
  }

  // --- the app ---

  /** A stolen request needs no app; anybody else is refused as the app would have refused them. */
  onDialFailed(isWanted: boolean, refusal: string | undefined): void {
    if (this.#phase.at === "securing") return this.#phase.securing.dialFailed(refusal);
    if (this.#phase.at === "http2" && this.#phase.conversation.originalMissing()) return;
    if (isWanted || this.#phase.at === "opaque") this.reset();
    else if (this.#phase.at === "detecting") this.#phase.detection.awaitWithoutApp();
  }

  #originalBytes(peer: Peer, bytes: Buffer, length: number): void {
    if (!this.way.owns(peer)) return;
    if (this.#phase.at === "detecting") {
      if (this.#phase.detection.originalBytes(bytes, length)) return peer.pause();
      this.becomeOpaque("server-spoke-first");
    }
    const phase = this.#phase;
    if (phase.at === "closing" || phase.at === "closed") return;
    if (phase.at === "http2") {
      if (!phase.conversation.originalBytes(bytes, length)) peer.pause();
      return;
    }
    // Written to the client, it would end up in the middle of a session's answer.
    if (phase.at === "http1" && phase.conversation.isStolen) return this.way.forget();
    if (phase.at === "http1" && phase.conversation.mayBecomeHttp2)
      return this.#readUpgradeAnswer(phase.conversation, peer, bytes.subarray(0, length));
    if (phase.at === "http1" && this.#isLeaving) {
      if (!phase.conversation.relayOriginal(bytes, length)) peer.pause();
      return;
    }
    if (!this.client.write(bytes, 0, length)) peer.pause();
    if (this.#recording !== undefined) this.#recording.bytesOut += length;
    if (phase.at === "http1") phase.conversation.originalBytes(bytes, length);
  }

  /** What is behind a head that agrees to HTTP/2 must not reach the client unread (RFC 7540 §3.2). */
  #readUpgradeAnswer(conversation: Http1Conversation, peer: Peer, bytes: Buffer): void {
    conversation.sendUnsent();
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
    if (this.#isLeaving) next.drain();
    if (conversation.isClientEnded) next.clientEnded();
  }

  /** Passes the app's FIN on, unless the client is served by somebody else just now. */
  #originalEnded(peer: Peer): void {
    this.way.noteEnd();
    if (this.#phase.at === "securing") return this.reset();
    if (this.#phase.at === "http2" && !this.#phase.conversation.originalEnded()) return;
    if (this.#phase.at === "http1") {
      if (!this.#phase.conversation.originalEnded(peer.isTruncated)) return;
      // It closed a connection that carried nothing, while others were served; the next request dials again.
      if (!this.way.isUsed && !this.#phase.conversation.isFirst) return this.way.forget();
      this.#passUnread(undefined);
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
    const isCut = error !== undefined || peer.isTruncated;
    if (this.#phase.at === "http1" && !this.#phase.conversation.originalEnded(isCut))
      return this.way.forget();
    this.way.drop();
    if (this.#phase.at === "http2" && !this.#phase.conversation.originalEnded()) return;
    if (at === "closing" || at === "closed") return;
    if (error !== undefined) this.client.reset();
    else this.#endClientLike(peer);
  }

  // --- the rest ---

  /** Leaves the phase that is; nothing is waited for any more. */
  #enter(phase: Phase): void {
    if (this.#phase.at === "detecting") this.#phase.detection.stop();
    clearTimeout(this.#timer);
    this.#phase = phase;
  }

  #detect(said?: Buffer): Detection {
    return new Detection({
      events: this,
      routes: () => this.routes(),
      isInsideTls: this.tls !== null,
      ...(said === undefined ? {} : { said }),
    });
  }

  #takeHeld(): Buffer {
    if (this.#phase.at === "http1" || this.#phase.at === "http2") return this.#phase.conversation.takeHeld();
    return this.#phase.at === "detecting" ? this.#phase.detection.said : NOTHING;
  }

  #takeEarly(): Buffer {
    return this.#phase.at === "detecting" ? this.#phase.detection.early : NOTHING;
  }
}
