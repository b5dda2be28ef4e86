import { type DataPiece, FlowWindow, type Http2RequestHead, RfcErrorCode } from "../../../http/index.ts";
import { http2ErrorCodeOf, http2ResetCode, type ResetCode } from "../../../protocol/index.ts";
import type { Indexed } from "../../../tunnel/index.ts";
import type { Recording } from "../../trace/index.ts";
import { SERVED_BY, servedBy } from "../served-by.ts";
import { type DeliveryOptions, failureNote, StolenDelivery } from "../stolen-delivery.ts";
import { type SlowAnswer, UnreadAnswers, UnreadPlace } from "../unread-answers.ts";
import { encodeList, type HeaderList, withField } from "./header-list.ts";
import { failureHead, failureTrailers, isGrpc } from "./http2-failure.ts";
import type { KeptRequest } from "./kept-request.ts";
import { RequestContent } from "./request-content.ts";
import { type FrameSender, ResponseQueue } from "./response-queue.ts";
import { SessionAnswer } from "./session-answer.ts";
import { WaitingRequests } from "./waiting-requests.ts";

/** What an exchange asks of those who have the connection. */
export interface ExchangeOwner {
  /** There is something to send for it; it is asked soon. */
  wake(exchange: StolenHttp2Exchange): void;
  /** DATA of the client is counted as read: the connection's window is given back. */
  creditConnection(bytes: number): void;
  /** Acts when no DATA frame of the client is half read. */
  atClientBoundary(act: () => void): void;
  /** Gives a request that nobody has taken to the app. False when the app can have it no more. */
  giveToOriginal(streamId: number, kept: KeptRequest, recording: Recording | undefined): boolean;
  over(exchange: StolenHttp2Exchange): void;
}

/**
 * So long the client's connection window may be kept from it for the sake of a request that no session takes: others on
 * the connection need it. From then on the request cannot go to the app.
 */
const MAX_OFFER_MS = 1_000;

/** One stream that a session answers, from its decided head to END_STREAM both ways. */
export class StolenHttp2Exchange extends StolenDelivery implements Indexed, SlowAnswer {
  /** Of its stream. */
  readonly id: number;
  nextInBucket: Indexed | undefined;
  /** Whether it is to be asked what it has to send; its owner's to change. */
  isAwake = false;
  readonly unread = new UnreadPlace();
  /** The size of its field list (RFC 9113 §6.5.2). */
  readonly headBytes: number;
  /** What the client may still be sent on this stream. */
  readonly #window: FlowWindow;
  readonly #owner: ExchangeOwner;
  readonly #request: Http2RequestHead;
  readonly #head: HeaderList;
  readonly #isGrpc: boolean;
  readonly #content: RequestContent;
  readonly #queue: ResponseQueue;
  readonly #unreadOfSession: UnreadAnswers;
  #timer: NodeJS.Timeout | undefined;
  readonly #answer: SessionAnswer;
  /** Its owner knows it no more. */
  #isGone = false;
  /** Ends the stream behind what is queued. */
  #resetCode: RfcErrorCode | undefined;

  constructor(
    options: DeliveryOptions & {
      owner: ExchangeOwner;
      streamId: number;
      request: Http2RequestHead;
      headBytes: number;
      kept: KeptRequest;
      sendWindowBytes: number;
      receiveWindowBytes: number;
    },
  ) {
    super(options);
    const { streamId, owner, request, kept } = options;
    this.id = streamId;
    this.headBytes = options.headBytes;
    this.#unreadOfSession = UnreadAnswers.of(this.subscription.holder);
    this.#owner = owner;
    this.#request = request;
    this.#head = kept.head;
    this.#isGrpc = isGrpc(request.fields.first("content-type"));
    this.#answer = new SessionAnswer(request);
    const waiting = WaitingRequests.of(this.subscription.holder);
    this.#content = new RequestContent({
      streamId,
      windowBytes: options.receiveWindowBytes,
      announcedBytes: request.method === "CONNECT" ? undefined : request.contentLength,
      kept,
      credit: {
        creditConnection: (bytes) => owner.creditConnection(bytes),
        waiting: (bytes) => waiting.add(bytes),
        wake: () => owner.wake(this),
      },
    });
    this.#window = new FlowWindow({ bytes: options.sendWindowBytes, streamId });
    this.#queue = new ResponseQueue({
      streamId,
      window: this.#window,
      onSent: (bytes) => {
        this.#unreadOfSession.taken(this, bytes);
        this.stream?.consumed(bytes);
      },
    });
  }

  /** A final answer has been begun, so that a reset by its client costs it something. */
  get isAnswering(): boolean {
    return this.state === "answering" || this.state === "upgraded";
  }

  /** It waits for the client's windows, or for its turn. */
  get hasMore(): boolean {
    return (
      !this.#isGone && (!this.#queue.isEmpty || (this.#resetCode !== undefined && this.state === "over"))
    );
  }

  /** Offers the request to the session. Gives false when the session is over. */
  begin(): boolean {
    const endsWithHead = this.#content.isEnded;
    if (!this.offer({ kind: "http2", endsWithHead, head: encodeList(this.#head) })) return false;
    if (this.stream !== undefined) this.#content.begin(this.stream);
    if (!endsWithHead) this.#timer = setTimeout(() => this.#offerTooOld(), MAX_OFFER_MS);
    return true;
  }

  // --- what the client says ---

  /** @throws Http2Error of this stream */
  requestData(piece: DataPiece): void {
    if (this.recording !== undefined && piece.isFirst) this.recording.bytesIn += piece.payloadBytes;
    this.#content.data(piece);
    this.#endTunnel();
  }

  /** @throws Http2Error of this stream */
  requestTrailers(list: HeaderList, endStream: boolean): void {
    this.#content.trailers(list, endStream);
    this.#endTunnel();
  }

  /** The client takes more. @throws Http2Error `window-overflow`, of this stream */
  grant(bytes: number): void {
    this.#window.grant(bytes);
    this.#owner.wake(this);
  }

  clientReset(code: number): void {
    this.#cancel(http2ResetCode(code), "the caller reset the stream");
  }

  clientGone(): void {
    this.#cancel("cancelled", "the caller is gone");
  }

  /** The client will send no more: a request that is not whole by now never will be. */
  clientEnded(): void {
    if (!this.#content.isEnded) this.#cancel("cancelled", "the caller ended its request early");
  }

  /** The client broke a rule of this stream. */
  refuse(code: RfcErrorCode, why: string): void {
    if (this.state === "over") return;
    this.stream?.reset("cancelled", why);
    this.noteFailure(why);
    this.#endWith(code);
  }

  abandon(why: string): void {
    this.refuse(RfcErrorCode.enhanceYourCalm, why);
  }

  // --- what the connection asks ---

  /** Sends at most a frame's worth to the client. Gives whether anything went. */
  sendOne(sender: FrameSender): boolean {
    if (this.#isGone) return false;
    if (this.#queue.sendOne(sender)) {
      if (this.#queue.isOver) this.#answered(sender);
      return true;
    }
    if (this.#resetCode === undefined || this.state !== "over") return false;
    sender.reset(this.id, this.#resetCode);
    this.#over();
    return true;
  }

  /** Takes the credit that the client is to be given for this stream. */
  takeGrant(): number {
    return this.#content.takeGrant();
  }

  /** The settings of both ends move their windows. @throws Http2Error `window-overflow` */
  shiftWindows(by: { readonly sendBytes: number; readonly receiveBytes: number }): void {
    this.#window.shift(by.sendBytes);
    this.#content.shift(by.receiveBytes);
  }

  // --- what the session says ---

  override onData(chunk: Buffer): void {
    if (this.state === "over") return;
    if (!this.isAnswering) return this.fail("protocol-error", "content before its head");
    const fault = this.#answer.data(chunk.length);
    if (fault !== undefined) return this.fail("protocol-error", fault);
    if (this.recording !== undefined) this.recording.bytesOut += chunk.length;
    this.#queue.data(chunk);
    this.#owner.wake(this);
    this.#unreadOfSession.add(this, chunk.length);
  }

  override onEnd(): void {
    if (this.state === "over") return;
    if (!this.isAnswering) return this.fail("protocol-error", "no response");
    if (!this.#answer.isWhole) return this.fail("local-closed", "the body is shorter than was announced");
    this.#queue.end();
    this.#owner.wake(this);
  }

  override onReset(code: ResetCode, text: string): void {
    // A whole answer stays one; who gave it only wants no more of the request.
    if (this.state === "answering" && this.#queue.isEnded)
      this.#resetCode = http2ErrorCodeOf(code) as RfcErrorCode | undefined; // Those of the registry.
    else super.onReset(code, text);
  }

  override onDrain(): void {
    this.#content.drained();
  }

  protected override get method(): string {
    return this.#request.method;
  }

  protected override onAccepted(): void {
    clearTimeout(this.#timer);
    this.#content.taken();
  }

  protected override onAnswer(bytes: Buffer, isInformational: boolean): void {
    const head = this.#answer.head(bytes, isInformational);
    if ("fault" in head) return this.fail("protocol-error", head.fault);
    this.accept();
    this.#owner.wake(this);
    const { is, list, status, waits } = head;
    if (is === "interim") return this.#queue.interim(list);
    const signature = servedBy(this.subscription);
    this.#queue.final(signature === undefined ? list : withField(list, [SERVED_BY, signature]), { waits });
    if (is === "tunnel") this.upgraded(status);
    else this.answering(status);
  }

  protected override onTrailers(bytes: Buffer): void {
    const trailers = this.#answer.trailers(bytes);
    if ("fault" in trailers) this.fail("protocol-error", trailers.fault);
    else this.#queue.trailers(trailers);
  }

  // --- the ends ---

  protected override goElsewhere(code: ResetCode, text: string): void {
    this.#owner.atClientBoundary(() => {
      if (this.state !== "offered") return;
      const kept = this.#content.takeKept();
      if (kept !== undefined && this.#owner.giveToOriginal(this.id, kept, this.recording)) {
        this.noteFailure(failureNote(code, text));
        this.noteOriginal();
        this.#content.handOver();
        this.stop();
        clearTimeout(this.#timer);
        this.#isGone = true;
        return this.#owner.over(this);
      }
      if (kept === undefined || this.#isGrpc) return this.fail(code, text);
      // RFC 9113 §8.7: nobody has seen it, and the client knows so; asked again it may go to the app.
      this.noteFailure(failureNote(code, text));
      this.#endWith(RfcErrorCode.refusedStream);
    });
  }

  protected override fail(code: ResetCode, text: string): void {
    const { state } = this;
    this.dismiss(code, text);
    this.noteFailure(failureNote(code, text));
    if (http2ErrorCodeOf(code) !== undefined) return this.#endWith(rfcCodeOf(code));
    if (state === "upgraded")
      // RFC 8441 §5 and RFC 9113 §8.5: what a reset is called inside a tunnel.
      return this.#endWith(
        this.#request.protocol === undefined ? RfcErrorCode.connectError : RfcErrorCode.cancel,
      );
    if (this.#queue.hasAnswered) {
      if (!this.#answer.takesTrailers) return this.#endWith(RfcErrorCode.internalError);
      this.#sayInstead(() => this.#queue.trailers(failureTrailers(code, text)));
    } else if (this.#content.isEnded || this.#isGrpc) {
      this.status = this.#isGrpc ? 200 : 502;
      const head = failureHead({ code, text, isGrpc: this.#isGrpc });
      this.#sayInstead(() => this.#queue.final(head, { waits: true }));
    } else this.#endWith(RfcErrorCode.internalError);
  }

  #sayInstead(say: () => void): void {
    this.stop();
    this.#clear();
    say();
    this.#queue.end();
    this.#owner.wake(this);
  }

  /** Only a reset tells the caller. */
  #endWith(code: RfcErrorCode): void {
    this.stop();
    this.#clear();
    this.#resetCode = code;
    this.#owner.wake(this);
  }

  #cancel(code: ResetCode, why: string): void {
    if (this.state !== "over") {
      this.stream?.reset(code, why);
      this.noteFailure(why);
    }
    this.#clear();
    this.#over();
  }

  #clear(): void {
    this.#queue.clear();
    this.#unreadOfSession.forget(this);
  }

  /** END_STREAM has left. */
  #answered(sender: FrameSender): void {
    if (this.state === "upgraded") return this.#endTunnel();
    if (!this.#content.isEnded) {
      // RFC 9113 §8.1: the rest of the request is not wanted.
      this.stream?.reset("http2-no-error", "answered before the request was whole");
      sender.reset(this.id, this.#resetCode ?? RfcErrorCode.noError);
    }
    this.#over();
  }

  /** A tunnel lives until both sides have ended it. */
  #endTunnel(): void {
    if (this.state === "upgraded" && this.#queue.isOver && this.#content.isEnded) this.#over();
  }

  #offerTooOld(): void {
    if (this.state === "offered" && this.#content.hasBytes) this.#content.keepNoLonger();
  }

  #over(): void {
    clearTimeout(this.#timer);
    this.#unreadOfSession.forget(this);
    this.#content.done();
    this.conclude();
    this.#isGone = true;
    this.#owner.over(this);
  }
}

/**
 * The error code that a session's reset asks for. NO_ERROR belongs behind a whole answer (RFC 9113 §8.1): before its end
 * some clients would take what they have for all of it.
 */
function rfcCodeOf(code: ResetCode): RfcErrorCode {
  const number = http2ErrorCodeOf(code);
  if (number === undefined || number === RfcErrorCode.noError) return RfcErrorCode.internalError;
  return number as RfcErrorCode; // Reset codes of HTTP/2 are those of the registry.
}
