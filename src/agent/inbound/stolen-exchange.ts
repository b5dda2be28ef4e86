import {
  type BodyScanner,
  newMarks,
  parseResponseHead,
  writeChunk,
  writeLastChunk,
} from "../../http/index.ts";
import { encodeStreamHead, type ResetCode } from "../../protocol/index.ts";
import type { TunnelStream } from "../../tunnel/index.ts";
import { failureText } from "./delivery-failure.ts";
import { failureResponse } from "./failure-response.ts";
import { Pause } from "./link.ts";
import { servedBy, withServedBy } from "./served-by.ts";
import { type DeliveryOptions, failureNote, StolenDelivery } from "./stolen-delivery.ts";
import { type SlowAnswer, UnreadAnswers, UnreadPlace } from "./unread-answers.ts";
import { frameResponse, type ResponseBody, type ResponseReader } from "./stolen-response.ts";

/** Heads are framed at once, never kept: one set of marks serves the whole agent. Its 8 KB are memory outside V8's heap. */
const marks = newMarks();

/** The request as the exchange needs it once its head is decided. */
export interface StolenRequest extends ResponseReader {
  readonly method: string;
  readonly mayUpgrade: boolean;
  readonly isChunked: boolean;
}

/** Of a request that is offered, this much is kept for the app; more is not read before the offer is taken. */
const MAX_REPLAY_BYTES = 256 * 1024;

/** One request that a session answers, from its decided head to the last byte of its response. */
export class StolenExchange extends StolenDelivery implements SlowAnswer {
  readonly unread = new UnreadPlace();
  readonly #request: StolenRequest;
  readonly #body: BodyScanner;
  readonly #offeredHead: Buffer;
  readonly #mayClose: () => boolean;
  readonly #onOver: (goesOn: boolean) => void;
  readonly #onContent: (piece: Buffer) => void;
  readonly #onUpgraded: () => void;
  readonly #onOriginal: (raw: readonly Buffer[]) => void;
  /** The request exactly as received, while the app may still have to answer it. */
  #raw: Buffer[];
  #rawBytes = 0;
  #isRequestEnded = false;
  #isStreamSlow = false;
  #response: ResponseBody = { kind: "none" };
  #responseLeftBytes = 0;
  #keepAlive = false;
  /** The session has sent its last byte of the other protocol. */
  #isUpgradeEnded = false;
  #trailers = "";
  #uncreditedBytes = 0;
  readonly #unreadOfSession: UnreadAnswers;

  constructor(
    options: DeliveryOptions & {
      request: StolenRequest;
      rawHead: Buffer;
      /** What the session is offered, where that is not the head as received. */
      offeredHead?: Buffer;
      body: BodyScanner;
      /** Told of the request's content, which nobody changes any more. */
      onContent: (piece: Buffer) => void;
      /** Whether the agent leaves, so that the answer shall be the connection's last; asked when it begins. */
      mayClose: () => boolean;
      /** The protocol was switched: what the client sent behind its request is wanted now. */
      onUpgraded: () => void;
      /** The exchange is over; `goesOn` when the connection may carry another. */
      onOver: (goesOn: boolean) => void;
      /** Nothing was delivered: the app shall answer, and gets these bytes first. */
      onOriginal: (raw: readonly Buffer[]) => void;
    },
  ) {
    super(options);
    this.#request = options.request;
    this.#raw = [options.rawHead];
    this.#offeredHead = options.offeredHead ?? options.rawHead;
    this.#body = options.body;
    this.#onContent = options.onContent;
    this.#mayClose = options.mayClose;
    this.#onUpgraded = options.onUpgraded;
    this.#onOver = options.onOver;
    this.#onOriginal = options.onOriginal;
    this.#unreadOfSession = UnreadAnswers.of(options.subscription.holder);
  }

  /** Offers the request to the session. Gives false when the session is over. */
  begin(): boolean {
    if (!this.offer({ kind: "http1", head: this.#offeredHead })) return false;
    if (this.#body.state === "done") this.#endRequest();
    return true;
  }

  get isUpgraded(): boolean {
    return this.state === "upgraded";
  }

  /** Takes bytes of the request's body and gives the offset behind the last one that belongs to it. */
  requestBytes(bytes: Buffer, from: number, to: number): number {
    const stream = this.stream as TunnelStream; // There from `begin` to the end.
    let goesOn = true;
    const end = this.#body.scan(bytes, from, to, (start, stop) => {
      const piece = Buffer.from(bytes.subarray(start, stop));
      goesOn = stream.write(piece);
      this.#onContent(piece);
    });
    if (this.#body.state === "ambiguous") {
      this.#refuseBody();
      return to;
    }
    if (this.recording !== undefined) this.recording.bytesIn += end - from;
    if (this.state === "offered") this.#keepForReplay(bytes, from, end);
    if (!goesOn) this.#waitForStream();
    if (this.#body.state === "done") this.#endRequest();
    return end;
  }

  /** Takes bytes of the client after the protocol was switched. */
  upgradedBytes(bytes: Buffer): void {
    if (this.stream?.write(bytes) === false) this.#waitForStream();
  }

  /** The client has sent its last byte; a request that is not whole by now never will be. */
  clientEnded(): void {
    if (this.state === "upgraded") this.stream?.end();
    else if (this.#body.state === "more") {
      this.stream?.reset("cancelled", "the caller ended its request early");
      this.#over(false);
      this.link.reset();
    } else this.stream?.end();
  }

  clientGone(): void {
    if (this.state === "over") return;
    this.#unreadOfSession.forget(this);
    this.stream?.reset("cancelled", "the caller is gone");
    this.conclude("the caller is gone");
  }

  clientDrained(): void {
    if (this.#uncreditedBytes === 0) return;
    const bytes = this.#uncreditedBytes;
    this.#uncreditedBytes = 0;
    this.#unreadOfSession.taken(this, bytes);
    this.stream?.consumed(bytes);
  }

  abandon(why: string): void {
    if (this.state === "over") return;
    this.dismiss("cancelled", why);
    this.noteFailure(why);
    this.#over(false);
    this.link.reset();
  }

  override onData(chunk: Buffer): void {
    if (this.state === "over") return;
    if (this.state !== "answering" && this.state !== "upgraded")
      return this.fail("protocol-error", "a body before its head");
    if (this.#response.kind === "length" || (this.#response.kind === "none" && this.state === "answering")) {
      this.#responseLeftBytes -= chunk.length;
      if (this.#responseLeftBytes < 0) return this.fail("protocol-error", "a longer body than was announced");
    }
    const bytes = this.#response.kind === "chunked" ? writeChunk(chunk) : chunk;
    if (this.recording !== undefined) this.recording.bytesOut += bytes.length;
    if (this.link.client.write(bytes)) return this.stream?.consumed(chunk.length);
    this.#uncreditedBytes += chunk.length;
    this.#unreadOfSession.add(this, chunk.length);
  }

  override onEnd(): void {
    if (this.state === "over") return;
    if (this.state === "upgraded") {
      this.#isUpgradeEnded = true;
      return this.link.client.end();
    }
    if (this.state !== "answering") return this.fail("protocol-error", "no response");
    if (this.#response.kind === "length" && this.#responseLeftBytes > 0)
      return this.fail("local-closed", "the body is shorter than was announced");
    if (this.#response.kind === "chunked") this.link.client.write(writeLastChunk(this.#trailers));
    // A response that came before its request was whole leaves a body on the wire that nobody wants.
    const goesOn = this.#keepAlive && this.#body.state === "done";
    if (this.#body.state === "done") this.stream?.end();
    else this.stream?.reset("cancelled", "answered before the request was whole");
    this.#over(goesOn);
    if (!goesOn) this.link.endClient();
  }

  override onDrain(): void {
    this.#isStreamSlow = false;
    if (this.#rawBytes < MAX_REPLAY_BYTES) this.link.resumeClient(Pause.session);
  }

  protected override get method(): string {
    return this.#request.method;
  }

  protected override goElsewhere(code: ResetCode, text: string): void {
    this.stop();
    this.noteFailure(failureNote(code, text));
    this.noteOriginal();
    this.link.resumeClient(Pause.session);
    const raw = this.#raw;
    this.#raw = [];
    this.#onOriginal(raw);
  }

  protected override onAccepted(): void {
    this.#raw = [];
    this.#rawBytes = 0;
    if (!this.#isStreamSlow) this.link.resumeClient(Pause.session);
  }

  protected override onTrailers(bytes: Buffer): void {
    this.#trailers += bytes.toString("latin1");
  }

  #keepForReplay(bytes: Buffer, from: number, to: number): void {
    this.#raw.push(Buffer.from(bytes.subarray(from, to)));
    this.#rawBytes += to - from;
    if (this.#rawBytes >= MAX_REPLAY_BYTES) this.link.pauseClient(Pause.session);
  }

  #waitForStream(): void {
    this.#isStreamSlow = true;
    this.link.pauseClient(Pause.session);
  }

  #endRequest(): void {
    if (this.#isRequestEnded) return;
    this.#isRequestEnded = true;
    // Where the length was announced the client counts; END is kept for the caller's own FIN.
    if (this.#request.isChunked)
      this.stream?.sendHead(encodeStreamHead("trailers", Buffer.from(this.#body.trailers, "latin1")));
  }

  protected override onAnswer(bytes: Buffer, isInformational: boolean): void {
    const head = parseResponseHead(bytes, this.#request.method, 0, bytes.length, marks);
    if ("ambiguity" in head) return this.fail("protocol-error", `its response head: ${head.ambiguity}`);
    this.accept();
    if (isInformational && head.status !== 101) {
      // RFC 9110 §15.2: a client of HTTP/1.0 knows no interim responses.
      if (this.#request.version !== "1.0") this.link.client.write(bytes);
      return;
    }
    if (head.switchesProtocol) {
      this.upgraded(head.status);
      this.link.client.write(this.#signed(bytes));
      return this.#onUpgraded();
    }
    const { version, keepAlive } = this.#request;
    const isLast = this.#body.state === "done" && this.#mayClose();
    const framed = frameResponse(head, { version, keepAlive: keepAlive && !isLast });
    this.answering(head.status);
    this.#response = framed.body;
    this.#responseLeftBytes = framed.body.kind === "length" ? framed.body.bytes : 0;
    this.#keepAlive = framed.keepAlive;
    const framedHead = this.#signed(framed.head);
    if (this.recording !== undefined) this.recording.bytesOut += framedHead.length;
    this.link.client.write(framedHead);
  }

  /** Says whose answer it is, where callers are to be told. */
  #signed(responseHead: Buffer): Buffer {
    const signature = servedBy(this.subscription);
    return signature === undefined ? responseHead : withServedBy(responseHead, signature);
  }

  protected override fail(code: ResetCode, text: string): void {
    const isBegun = this.state === "answering" || this.state === "upgraded";
    // The end of the connection would look like the end of such a body: only a reset does not.
    const isCut = this.state === "upgraded" && !this.#isUpgradeEnded;
    const mustReset = isCut || (isBegun && this.#response.kind === "close");
    this.dismiss(code, text);
    this.noteFailure(failureNote(code, text));
    if (!isBegun) this.status = 502;
    this.#over(false);
    if (mustReset) return this.link.reset();
    if (!isBegun) {
      const headOnly = this.#request.method === "HEAD";
      this.link.client.write(failureResponse({ status: 502, code, text: failureText(code, text), headOnly }));
    }
    this.link.endClient();
  }

  /** The client sends what is no chunked body: it has no right to an answer of the app, which never saw it. */
  #refuseBody(): void {
    this.stream?.reset("cancelled", "the caller's body is malformed");
    this.#over(false);
    const text = "the chunked body of this request is malformed (RFC 9112 §7.1)";
    this.link.client.write(failureResponse({ status: 400, code: "malformed-chunk", text, headOnly: false }));
    this.link.endClient();
  }

  #over(goesOn: boolean): void {
    this.#unreadOfSession.forget(this);
    this.conclude();
    this.link.resumeClient(Pause.session);
    this.#onOver(goesOn);
  }
}
