import type { Ambiguity, BodySink, Http1Request, Setting } from "../../http/index.ts";
import type { PortRoutes, Subscription } from "../routing/index.ts";
import { NO_BODY_SCANNER, scannerFor } from "./body-scanners.ts";
import type { Copies } from "./copies/copies.ts";
import { copyHttp1 } from "./copies/copy-http1.ts";
import { h2cSettings, withoutH2c } from "./h2c-upgrade.ts";
import type { Http2Upgrade } from "./http2/http2-conversation.ts";
import { HeldBytes } from "./held-bytes.ts";
import { type Link, type OpaqueReason, Pause } from "./link.ts";
import { type AnswerEvents, type DueAnswer, OriginalAnswers } from "./original-answers.ts";
import { recordRequest } from "./record-request.ts";
import { RequestHeads } from "./request-heads.ts";
import { StolenExchange } from "./stolen-exchange.ts";

/**
 * Where the reading of requests is.
 *
 * | state       | the next byte of the client …                                                        |
 * |-------------|---------------------------------------------------------------------------------------|
 * | `head`      | belongs to a request head; kept back until it is whole and decided                     |
 * | `body`      | belongs to a body that goes to the app                                                |
 * | `stolen`    | belongs to the body of the stolen request; held once that is whole                    |
 * | `waiting`   | is held: the next request is stolen, but the app has not answered the ones before     |
 * | `switching` | is held: the app may answer with another protocol (101, or 2xx to CONNECT)            |
 * | `last`      | goes to the app unread: this connection carries no further request (RFC 9112 §9.6)    |
 * | `closing`   | is thrown away: the agent leaves, and the answer under way has told the client so     |
 */
type RequestState = "head" | "body" | "stolen" | "waiting" | "switching" | "last" | "closing";

/** Why the app has a request that a filter matched. */
const SESSION_OVER = "that session was over just then";

/** So many requests may wait for the app's answers; the next one waits here. Clients that pipeline at all send a few. */
const MAX_PIPELINED = 1_024;

/**
 * The HTTP/1.1 exchanges of one client connection.
 *
 * Reads requests just far enough to decide each one; {@link OriginalAnswers} does the same for answers. Bytes of a
 * request that is not stolen, and of its response, pass exactly as they came. A stolen request waits until every
 * response before it has been sent (RFC 9112 §9.3.2), and requests behind it wait for its own.
 */
export class Http1Conversation implements AnswerEvents {
  readonly #link: Link;
  #request: RequestState = "head";
  #requestBody = NO_BODY_SCANNER;
  #isBodyBegun = false;
  #isBegun = false;
  /** One side said that the exchange under way ends the connection. */
  #isLast = false;
  /** Bytes of the client that cannot be acted on yet. */
  readonly #held = new HeldBytes();
  readonly #heads: RequestHeads;
  readonly #answers: OriginalAnswers;
  #stolen: StolenExchange | undefined;
  /** Of the request whose bytes the client sends just now, and of what follows it where it may switch protocols. */
  #copies: Copies | undefined;
  /** The request under way may be answered with another protocol. */
  #maySwitch = false;
  /** The client has sent FIN behind `#held`. */
  #isClientEnded = false;
  #upgrade: Http2Upgrade | undefined;

  constructor(link: Link) {
    this.#link = link;
    this.#answers = new OriginalAnswers(this);
    this.#heads = new RequestHeads({ link, onLate: () => this.#becomeOpaque("slow-head") });
  }

  /** Nothing is under way and nothing is half read: the connection may be closed as any idle one may. */
  get isIdle(): boolean {
    return !this.isStolen && this.#answers.count === 0 && this.#request === "head" && this.#held.length === 0;
  }

  /** A session answers just now: whatever the app may send meanwhile belongs to nobody. */
  get isStolen(): boolean {
    return this.#stolen !== undefined;
  }

  /** No request has been decided yet. */
  get isFirst(): boolean {
    return !this.#isBegun;
  }

  /** The app is asked to go on in HTTP/2: its answer is to be read before the client gets it. */
  get mayBecomeHttp2(): boolean {
    return this.#answers.last?.h2c !== undefined;
  }

  /** Set once the app has agreed to HTTP/2; nothing is read here any more. */
  get upgrade(): Http2Upgrade | undefined {
    return this.#upgrade;
  }

  /** The client has sent FIN. */
  get isClientEnded(): boolean {
    return this.#isClientEnded;
  }

  /** Takes what the client sent: `bytes[0, length)`, valid during the call only. */
  clientBytes(bytes: Buffer, length: number): void {
    if (this.#stolen?.isUpgraded === true) return this.#upgradedBytes(copyOf(bytes, 0, length));
    if (this.#held.length === 0) return this.#read(bytes, length);
    this.#held.append(bytes, 0, length);
    const all = this.#held.take();
    this.#read(all, all.length);
  }

  /** The client has sent its last byte. */
  clientEnded(): void {
    this.#isClientEnded = true;
    this.#actOnClientEnd();
  }

  #actOnClientEnd(): void {
    if (!this.#isClientEnded) return;
    if (this.#stolen !== undefined) {
      if (this.#stolen.isUpgraded) this.#endCopies();
      return this.#stolen.clientEnded();
    }
    if (this.#requestBody.state !== "done") this.#endCopies();
    if (this.#request === "waiting" || this.#request === "switching") return;
    // A head that will never be whole is the app's to refuse.
    if (this.#held.length > 0) return this.#becomeOpaque("client-ended-early");
    this.#link.endOriginal();
  }

  /** Looks at what the app sent the client: `bytes[0, length)`. Gives how many of them are HTTP/1.1. */
  originalBytes(bytes: Buffer, length: number): number {
    return this.#answers.read(bytes, length);
  }

  /** The same for an agent that leaves: `bytes[0, length)` go to the client from here. Gives false when it is slow. */
  relayOriginal(bytes: Buffer, length: number): boolean {
    let hasRoom = true;
    this.#answers.read(bytes, length, (part, from, to) => {
      if (to > from) hasRoom = this.#link.client.write(part, from, to);
    });
    return hasRoom;
  }

  /** Sends the client what was kept back of an answer that nobody reads on here. */
  sendUnsent(): void {
    const unsent = this.#answers.takeUnsent();
    if (unsent.length > 0) this.#link.client.write(unsent);
  }

  /** The app has sent its last byte, or `isCut`. Gives whether the client should be told so. */
  originalEnded(isCut: boolean): boolean {
    if (this.#stolen !== undefined) return false;
    this.sendUnsent();
    this.#answers.abandon(!isCut);
    this.#endCopies();
    return true;
  }

  /** What the client was written has left. */
  clientDrained(): void {
    this.#stolen?.clientDrained();
  }

  /** The client is gone: whoever works for it is told at once. */
  clientGone(): void {
    this.#heads.stop();
    this.#endCopies();
    this.#stolen?.clientGone();
    this.#answers.abandon();
  }

  /** Gives back what was held, for whoever reads the connection from now on. */
  takeHeld(): Buffer {
    return this.#held.take();
  }

  /** Reads `bytes[0, length)`; a run of bytes for the app is sent in one piece. */
  #read(bytes: Buffer, length: number): void {
    if (this.#request === "closing") return;
    let at = 0;
    let unsent = 0;
    while (at < length) {
      if (this.#request === "head") {
        const end = this.#readRequestHead(bytes, at, length);
        if (end === "held") {
          this.#send(bytes, unsent, at);
          return this.#hold(bytes, at, length);
        }
        if (typeof end === "object") {
          this.#held.hold(bytes, unsent, length);
          return this.#becomeOpaque(`ambiguous-request: ${end.ambiguity}`);
        }
        if (this.isStolen) {
          this.#send(bytes, unsent, at);
          unsent = end;
        }
        at = end;
      } else if (this.#request === "body") {
        this.#isBodyBegun = true;
        const from = at;
        at = this.#requestBody.scan(bytes, from, length, this.#copier(bytes));
        this.#answers.sent(at - from);
        if (this.#requestBody.state === "ambiguous") {
          this.#held.hold(bytes, unsent, length);
          return this.#becomeOpaque("ambiguous-request: malformed-chunk");
        }
        if (this.#requestBody.state === "done") this.#requestOver();
      } else if (this.#request === "last") {
        at = length;
      } else if (this.#stolen !== undefined && this.#requestBody.state === "more") {
        at = this.#stolen.requestBytes(bytes, at, length);
        unsent = at;
        this.#requestCopied();
        // Its body was malformed: the connection is being ended.
        if (!this.isStolen) return;
      } else {
        this.#send(bytes, unsent, at);
        return this.#hold(bytes, at, length);
      }
    }
    this.#send(bytes, unsent, length);
  }

  #send(bytes: Buffer, from: number, to: number): void {
    if (to > from) this.#link.toOriginal(bytes, from, to);
  }

  #hold(bytes: Buffer, from: number, to: number): void {
    this.#held.hold(bytes, from, to);
    if (this.#request !== "head") return this.#link.pauseClient(Pause.held);
    this.#heads.hold(to - from);
  }

  /** Gives the offset behind the head, `held` when it must wait, or why it cannot be read. */
  #readRequestHead(bytes: Buffer, from: number, to: number): number | "held" | { ambiguity: Ambiguity } {
    const head = this.#heads.read(bytes, from, to);
    if (head === "more") return "held";
    if ("ambiguity" in head) return head;
    const { start, end } = this.#heads;
    const routes = this.#link.routes();
    const chosen = routes?.decide(head, this.#link);
    if (this.#answers.count > (chosen === undefined ? MAX_PIPELINED : 0)) {
      this.#request = "waiting";
      return "held";
    }
    this.#requestBody = scannerFor(head.framing);
    this.#isBodyBegun = false;
    this.#isBegun = true;
    this.#isLast ||= !head.keepAlive;
    this.#maySwitch = head.mayUpgrade;
    this.#copies = undefined;
    const isStolen =
      routes !== undefined &&
      chosen !== undefined &&
      this.#steal(routes, chosen, head, copyOf(bytes, start, end));
    if (!isStolen) this.#pass(routes, head, { matched: chosen, bytes, start, end });
    return end;
  }

  /** The head is `bytes[start, end)`; `matched` is over by now. */
  #pass(
    routes: PortRoutes | undefined,
    head: Http1Request,
    about: { matched: Subscription | undefined; bytes: Buffer; start: number; end: number },
  ): void {
    const { matched, bytes, start, end } = about;
    const recording = recordRequest(this.#link, { routes, head, chosen: undefined });
    const mirrors = routes?.mirrors;
    if (mirrors !== undefined)
      this.#copies = copyHttp1(
        this.#link,
        { mirrors, head, recording, isStolen: false },
        laterCopy(bytes, start, end),
      );
    if (matched !== undefined && recording !== undefined) recording.instead = SESSION_OVER;
    this.#answers.expect({
      method: head.method,
      mayUpgrade: head.mayUpgrade,
      expectsContinue: head.expectsContinue && head.framing.kind !== "none",
      h2c: this.#h2cSettings(head),
      recording,
      copies: this.#copies,
      status: null,
    });
    if (this.#requestBody.state === "done") this.#requestOver();
    else this.#request = "body";
  }

  #requestOver(): void {
    if (this.#answers.last?.mayUpgrade === true) this.#request = "switching";
    else this.#request = this.#isLast ? "last" : "head";
    this.#requestCopied();
  }

  /** Gives false when the session is over by now. */
  #steal(routes: PortRoutes, subscription: Subscription, head: Http1Request, rawHead: Buffer): boolean {
    const { method, mayUpgrade, expectsContinue } = head;
    const offeredHead = withoutH2c(head);
    const h2c = this.#h2cSettings(head);
    const recording = recordRequest(this.#link, { routes, head, chosen: subscription });
    let copies: Copies | undefined;
    const exchange = new StolenExchange({
      link: this.#link,
      subscription,
      request: {
        method,
        version: head.version,
        keepAlive: head.keepAlive,
        mayUpgrade,
        isChunked: head.framing.kind === "chunked",
      },
      rawHead,
      ...(offeredHead === undefined ? {} : { offeredHead }),
      body: this.#requestBody,
      recording,
      requestId: recording?.requestId ?? "",
      onContent: (piece) => copies?.piece(piece),
      mayClose: () => this.#link.isLeaving && this.#held.length === 0,
      onUpgraded: () => this.#stolenUpgraded(),
      onOver: (goesOn) => this.#stolenOver(goesOn),
      onOriginal: (raw) => {
        const common = { method, mayUpgrade, h2c, recording, copies };
        this.#answers.expect({ ...common, expectsContinue: false, status: null });
        this.#giveToOriginal(raw, expectsContinue);
      },
    });
    if (!exchange.begin()) {
      recording?.withdraw();
      return false;
    }
    this.#stolen = exchange;
    this.#request = "stolen";
    const { mirrors } = routes;
    if (mirrors !== undefined)
      copies = copyHttp1(this.#link, { mirrors, head, recording, isStolen: true }, () => rawHead);
    this.#copies = copies;
    this.#requestCopied();
    return true;
  }

  /** The stolen exchange is over; unless the connection ends with it, the next request is read. */
  #stolenOver(goesOn: boolean): void {
    this.#endCopies();
    this.#stolen = undefined;
    this.#request = "head";
    if (!goesOn) return;
    this.#readHeld();
    this.#link.exchangeOver();
  }

  #stolenUpgraded(): void {
    const held = this.takeHeld();
    this.#link.resumeClient(Pause.held);
    if (held.length > 0) this.#upgradedBytes(held);
    this.#actOnClientEnd();
  }

  #upgradedBytes(bytes: Buffer): void {
    this.#copies?.piece(bytes);
    this.#stolen?.upgradedBytes(bytes);
  }

  /** Nobody took the stolen request and nothing of it was delivered: the app gets it after all, byte for byte. */
  #giveToOriginal(raw: readonly Buffer[], expectsContinue: boolean): void {
    this.#stolen = undefined;
    for (const bytes of raw) this.#link.toOriginal(bytes, 0, bytes.length);
    this.#isBodyBegun = !expectsContinue || raw.length > 1;
    if (this.#requestBody.state === "done") this.#requestOver();
    else this.#request = "body";
    this.#readHeld();
  }

  #readHeld(): void {
    const held = this.takeHeld();
    this.#link.resumeClient(Pause.held);
    if (held.length > 0) this.#read(held, held.length);
    this.#actOnClientEnd();
  }

  // --- copies of the request ---

  /** What takes content of the body that lies in `bytes`, where somebody wants it. */
  #copier(bytes: Buffer): BodySink | undefined {
    const copies = this.#copies;
    if (copies?.isWanted !== true) return undefined;
    return (start, end) => copies.content(bytes, start, end);
  }

  /** Tells the copies that the request is whole, if it is; they go on where protocols may be switched behind it. */
  #requestCopied(): void {
    if (this.#copies === undefined || this.#requestBody.state !== "done") return;
    if (this.#requestBody.isChunked) this.#copies.trailers(Buffer.from(this.#requestBody.trailers, "latin1"));
    if (!this.#maySwitch) this.#endCopies();
  }

  /** Nothing more belongs to the copies. */
  #endCopies(): void {
    if (this.#requestBody.state === "done") this.#copies?.end();
    else this.#copies?.cut("the exchange ended before its request was whole");
    this.#copies = undefined;
  }

  isBodyUnsent(): boolean {
    return this.#request === "body" && !this.#isBodyBegun;
  }

  wayNote(): string | undefined {
    return this.#link.wayNote;
  }

  onHttp2({ h2c, recording }: DueAnswer): boolean {
    // Before the request is whole, nobody can say where its connection goes on (RFC 7540 §3.2).
    if (h2c === undefined || this.#request !== "switching") return false;
    this.#upgrade = { settings: h2c, recording };
    this.#endCopies();
    return true;
  }

  #h2cSettings(head: Http1Request): readonly Setting[] | undefined {
    return head.mayUpgrade && this.#link.routes()?.readsHttp2 === true ? h2cSettings(head) : undefined;
  }

  onLast(): void {
    this.#isLast = true;
  }

  /** Whoever has begun another request, or is still sending this one, is told behind the next answer. */
  mayClose(): boolean {
    const isWhole = this.#request === "head" || this.#request === "switching";
    return this.#link.isLeaving && isWhole && this.#held.length === 0;
  }

  onClosing(): void {
    this.#request = "closing";
  }

  onOver(): void {
    if (this.#answers.count > 0) return;
    if (this.#request === "switching") this.#endCopies();
    if (this.#request === "closing") return this.#link.endClient();
    if (this.#request === "waiting" || this.#request === "switching" || this.#isLast) {
      this.#request = this.#isLast ? "last" : "head";
      this.#readHeld();
    }
    if (this.#request === "head") this.#link.exchangeOver();
  }

  onOpaque(reason: OpaqueReason): void {
    this.#becomeOpaque(reason);
  }

  #becomeOpaque(reason: OpaqueReason): void {
    this.#heads.stop();
    this.sendUnsent();
    this.#answers.abandon();
    const copies = this.#copies;
    if (reason !== "upgraded") this.#endCopies();
    this.#link.becomeOpaque(reason, reason === "upgraded" ? copies : undefined);
    if (!this.#isClientEnded) return;
    copies?.end();
    this.#link.endOriginal();
  }
}

/** Made here so that a request of which nobody wants a copy does not pay for the closure's variables. */
function laterCopy(bytes: Buffer, from: number, to: number): () => Buffer {
  return () => copyOf(bytes, from, to);
}

function copyOf(bytes: Buffer, from: number, to: number): Buffer {
  return Buffer.from(bytes.subarray(from, to));
}
