import {
  type DataPiece,
  FlowWindow,
  FrameFlag,
  type HeaderPair,
  Http2Error,
  http2Fields,
  http2ResponseFields,
  http1RequestHead,
  type Http2RequestHead,
  Fields,
  parseResponseHead,
  RfcErrorCode,
} from "../../../http/index.ts";
import {
  decodeClientHead,
  encodeStreamHead,
  ProtocolError,
  type ResetCode,
  type StreamHead,
} from "../../../protocol/index.ts";
import type { StreamEvents, TunnelStream } from "../../../tunnel/index.ts";
import type { Subscription } from "../../routing/index.ts";
import type { Recording } from "../../trace/index.ts";
import { failureText, mayGoElsewhere } from "../delivery-failure.ts";
import type { Link } from "../link.ts";
import { grpcStatus, http2FailureFields, isGrpc } from "./http2-failure.ts";
import type { KeptRequest } from "./kept-request.ts";
import { type FrameSender, ResponseQueue } from "./response-queue.ts";
import { offerTo } from "../offer.ts";

/** What an exchange asks of the conversation it belongs to. */
export interface ExchangeOwner {
  /** There is something to send for it; it is asked soon. */
  wake(exchange: StolenHttp2Exchange): void;
  /** DATA of the client is counted as read: the connection's window is given back. */
  creditConnection(bytes: number): void;
  /** So many bytes more, or less, wait for a session. */
  waiting(bytes: number): void;
  /** Acts when no DATA frame of the client is half read. */
  atClientBoundary(act: () => void): void;
  /** Gives a request that nobody has taken to the app. False when the app can have it no more. */
  giveToOriginal(exchange: StolenHttp2Exchange, kept: KeptRequest): boolean;
  over(exchange: StolenHttp2Exchange): void;
}

/**
 * Where a stolen stream is.
 *
 * | state       | holds                                                                                   |
 * |-------------|------------------------------------------------------------------------------------------|
 * | `offered`   | nothing is known to be delivered; the request is kept, so that the app can still have it |
 * | `accepted`  | the local process may have bytes of the request                                          |
 * | `answering` | the final head is on its way                                                             |
 * | `over`      | nothing more is read for it                                                              |
 */
type State = "offered" | "accepted" | "answering" | "over";

/**
 * So long the client's connection window may be kept from it for the sake of a request that no session takes: others on
 * the connection need it. From then on the request cannot go to the app.
 */
const MAX_OFFER_MS = 1_000;

/** One stream that a session answers, from its decided head to END_STREAM both ways. */
export class StolenHttp2Exchange implements StreamEvents {
  readonly streamId: number;
  /** What the client may still be sent on this stream. */
  readonly window: FlowWindow;
  /** What the client may still send on this stream. */
  readonly received: FlowWindow;
  readonly #owner: ExchangeOwner;
  readonly #link: Link;
  readonly #subscription: Subscription;
  readonly #request: Http2RequestHead;
  readonly #recording: Recording | undefined;
  readonly #requestId: string;
  readonly #isGrpc: boolean;
  readonly #queue: ResponseQueue;
  #kept: KeptRequest | undefined;
  #state: State = "offered";
  #stream: TunnelStream | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isRequestEnded: boolean;
  #bodyBytes = 0;
  #isStreamSlow = false;
  /** Not given back to the client yet, of its stream and of the connection. */
  #owedStreamBytes = 0;
  #owedConnectionBytes = 0;
  #grantBytes = 0;
  #responseLeftBytes = -1;
  #responseHasBody = false;
  #isGrpcResponse = false;
  #status: number | null = null;
  #trailers = "";
  #resetCode: RfcErrorCode | undefined;

  constructor(options: {
    owner: ExchangeOwner;
    link: Link;
    subscription: Subscription;
    streamId: number;
    request: Http2RequestHead;
    kept: KeptRequest;
    recording: Recording | undefined;
    requestId: string;
    sendWindowBytes: number;
    receiveWindowBytes: number;
  }) {
    const { streamId } = options;
    this.streamId = streamId;
    this.#owner = options.owner;
    this.#link = options.link;
    this.#subscription = options.subscription;
    this.#request = options.request;
    this.#kept = options.kept;
    this.#recording = options.recording;
    this.#requestId = options.requestId;
    this.#isRequestEnded = options.kept.isWhole;
    this.#isGrpc = isGrpc(options.request.fields.first("content-type"));
    this.window = new FlowWindow({ bytes: options.sendWindowBytes, streamId });
    this.received = new FlowWindow({ bytes: options.receiveWindowBytes, streamId });
    this.#queue = new ResponseQueue({
      streamId,
      window: this.window,
      onSent: (bytes) => this.#stream?.consumed(bytes),
    });
  }

  /** A final answer has been begun, so that a reset by its client costs it something. */
  get isAnswering(): boolean {
    return this.#state === "answering";
  }

  /** Offers the request to the session. Gives false when the session is over. */
  begin(): boolean {
    const hasBody = !this.#isRequestEnded;
    const head = Buffer.from(http1RequestHead(this.#request, { hasBody }), "latin1");
    const offer = { kind: "http1", requestId: this.#requestId, head } as const;
    this.#stream = offerTo(this.#subscription, this.#link, offer, this);
    if (this.#stream === undefined) return false;
    if (hasBody) this.#timer = setTimeout(() => this.#offerTooOld(), MAX_OFFER_MS);
    return true;
  }

  // --- what the client says ---

  /** @throws Http2Error of this stream: `window-exceeded`, `frame-size` for a body that is not as announced. */
  requestData(piece: DataPiece): void {
    const { streamId } = this;
    if (piece.isFirst) {
      if (this.#isRequestEnded) throw new Http2Error("idle-stream", "DATA behind END_STREAM", { streamId });
      this.received.receive(piece.payloadBytes);
      this.#owe(piece.payloadBytes);
    }
    const bytes = piece.dataEnd - piece.dataStart;
    if (bytes > 0) this.#content(Buffer.from(piece.bytes.subarray(piece.dataStart, piece.dataEnd)));
    if (piece.isLast && (piece.flags & FrameFlag.endStream) !== 0) this.#requestEnded([]);
    this.#giveBack();
  }

  /** @throws Http2Error of this stream */
  requestTrailers(pairs: readonly HeaderPair[], endStream: boolean): void {
    const { streamId } = this;
    if (this.#isRequestEnded || !endStream)
      throw new Http2Error("stream-id", "HEADERS that are no trailers", { streamId });
    this.#requestEnded(pairs);
    this.#giveBack();
  }

  clientReset(): void {
    this.#cancel("the caller reset the stream");
  }

  clientGone(): void {
    this.#cancel("the caller is gone");
  }

  /** The client will send no more: a request that is not whole by now never will be. */
  clientEnded(): void {
    if (!this.#isRequestEnded) this.#cancel("the caller ended its request early");
  }

  /** The client broke a rule of this stream. */
  refuse(code: RfcErrorCode, why: string): void {
    if (this.#state === "over") return;
    this.#stream?.reset("cancelled", why);
    this.#note(why);
    this.#queue.clear();
    this.#resetCode = code;
    this.#state = "over";
    this.#owner.wake(this);
  }

  // --- what the conversation asks ---

  /** Sends at most a frame's worth to the client. Gives whether anything went. */
  sendOne(sender: FrameSender): boolean {
    if (this.#queue.sendOne(sender)) {
      if (this.#queue.isOver) this.#answered(sender);
      return true;
    }
    if (this.#resetCode === undefined) return false;
    sender.reset(this.streamId, this.#resetCode);
    this.#resetCode = undefined;
    this.#over();
    return true;
  }

  /** Takes the credit that the client is to be given for this stream. */
  takeGrant(): number {
    const bytes = this.#grantBytes;
    this.#grantBytes = 0;
    if (bytes > 0) this.received.grant(bytes);
    return this.#isRequestEnded || this.#state === "over" ? 0 : bytes;
  }

  // --- what the session says ---

  onHead(payload: Buffer): void {
    if (this.#state === "over") return;
    let head: StreamHead;
    try {
      head = decodeClientHead(payload);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      return this.#fail("protocol-error", error.message);
    }
    if (head.kind === "accepted") this.#accepted();
    else if (head.kind === "trailers") this.#trailers += head.bytes.toString("latin1");
    else if (this.#state === "answering") this.#fail("protocol-error", "a second response");
    else this.#answer(head.bytes, head.kind === "informational");
  }

  onData(chunk: Buffer): void {
    if (this.#state === "over") return;
    if (this.#state !== "answering") return this.#fail("protocol-error", "a body before its head");
    if (!this.#responseHasBody || (this.#responseLeftBytes >= 0 && chunk.length > this.#responseLeftBytes))
      return this.#fail("protocol-error", "a longer body than was announced");
    if (this.#responseLeftBytes >= 0) this.#responseLeftBytes -= chunk.length;
    this.#queue.data(chunk);
    this.#owner.wake(this);
  }

  onEnd(): void {
    if (this.#state === "over") return;
    if (this.#state !== "answering") return this.#fail("protocol-error", "no response");
    if (this.#responseLeftBytes > 0)
      return this.#fail("local-closed", "the body is shorter than was announced");
    if (!this.#responseHasBody) return;
    const trailers = trailerPairs(this.#trailers);
    if (trailers.length > 0) this.#queue.headers(trailers, true);
    else this.#queue.end();
    this.#owner.wake(this);
  }

  onReset(code: ResetCode, text: string): void {
    if (this.#state === "over") return;
    const { method } = this.#request;
    const { onLocalFailure } = this.#subscription;
    if (this.#state === "offered" && mayGoElsewhere(code, { method, onLocalFailure }))
      return this.#owner.atClientBoundary(() => this.#goElsewhere(code, text));
    this.#fail(code, text);
  }

  onDrain(): void {
    this.#isStreamSlow = false;
    this.#giveBack();
  }

  // --- the request ---

  #content(bytes: Buffer): void {
    const { contentLength } = this.#request;
    this.#bodyBytes += bytes.length;
    if (contentLength !== undefined && this.#bodyBytes > contentLength) throw this.#bodyDiffers();
    this.#kept?.body.push(bytes);
    if (this.#stream?.write(bytes) === false) this.#isStreamSlow = true;
  }

  #requestEnded(trailers: readonly HeaderPair[]): void {
    const { contentLength } = this.#request;
    if (contentLength !== undefined && this.#bodyBytes !== contentLength) throw this.#bodyDiffers();
    this.#isRequestEnded = true;
    if (this.#kept !== undefined) {
      this.#kept.isWhole = true;
      if (trailers.length > 0) this.#kept.trailers = trailers;
    }
    if (contentLength !== undefined) return;
    const lines = trailers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
    this.#stream?.sendHead(encodeStreamHead("trailers", Buffer.from(lines, "latin1")));
  }

  #bodyDiffers(): Http2Error {
    const { streamId } = this;
    return new Http2Error("idle-stream", "RFC 9113 §8.1.1: not the announced length", { streamId });
  }

  #owe(bytes: number): void {
    this.#owedStreamBytes += bytes;
    this.#owedConnectionBytes += bytes;
    this.#owner.waiting(bytes);
  }

  /** While the request is kept for the app, so is its share of both windows: the app is to count it, too. */
  #giveBack(): void {
    if (this.#kept !== undefined && this.#state === "offered") return;
    if (this.#owedConnectionBytes > 0) this.#owner.creditConnection(this.#owedConnectionBytes);
    this.#owedConnectionBytes = 0;
    if (this.#state === "offered" || (this.#isStreamSlow && this.#state !== "over")) return;
    const bytes = this.#owedStreamBytes;
    if (bytes === 0) return;
    this.#owedStreamBytes = 0;
    this.#owner.waiting(-bytes);
    this.#grantBytes += bytes;
    this.#owner.wake(this);
  }

  #offerTooOld(): void {
    if (this.#state !== "offered" || this.#bodyBytes === 0) return;
    this.#kept = undefined;
    this.#giveBack();
  }

  #goElsewhere(code: ResetCode, text: string): void {
    if (this.#state !== "offered") return;
    const kept = this.#kept;
    this.#note(text === "" ? code : `${code}: ${text}`);
    if (kept !== undefined && this.#owner.giveToOriginal(this, kept)) {
      // Both windows count what the app gets now: nothing is given back.
      this.#owedConnectionBytes = 0;
      this.#grantBytes = 0;
      if (this.#recording !== undefined) this.#recording.decided.verdict = "original";
      return this.#over();
    }
    if (kept === undefined || this.#isGrpc) return this.#fail(code, text);
    // RFC 9113 §8.7: nobody has seen it, and the client knows so; asked again it may go to the app.
    this.#queue.clear();
    this.#resetCode = RfcErrorCode.refusedStream;
    this.#state = "over";
    this.#owner.wake(this);
  }

  #accepted(): void {
    if (this.#state !== "offered") return;
    this.#state = "accepted";
    this.#kept = undefined;
    clearTimeout(this.#timer);
    this.#giveBack();
  }

  // --- the response ---

  #answer(bytes: Buffer, isInformational: boolean): void {
    const head = parseResponseHead(bytes, this.#request.method);
    if ("ambiguity" in head) return this.#fail("protocol-error", `its response head: ${head.ambiguity}`);
    if (head.switchesProtocol) return this.#fail("protocol-error", "it switches protocols");
    this.#accepted();
    this.#owner.wake(this);
    if (isInformational) return this.#queue.headers(http2ResponseFields(head), false);
    const { framing } = head;
    this.#status = head.status;
    this.#state = "answering";
    this.#isGrpcResponse = this.#isGrpc && isGrpc(head.fields.first("content-type"));
    this.#responseHasBody = framing.kind !== "none" && !(framing.kind === "length" && framing.bytes === 0);
    this.#responseLeftBytes = framing.kind === "length" ? framing.bytes : -1;
    this.#queue.headers(http2ResponseFields(head), !this.#responseHasBody);
  }

  /** END_STREAM has left. */
  #answered(sender: FrameSender): void {
    const { streamId } = this;
    if (this.#isRequestEnded) this.#stream?.end();
    else {
      this.#stream?.reset("cancelled", "answered before the request was whole");
      sender.reset(streamId, RfcErrorCode.noError);
    }
    this.#over();
  }

  /** The failure table of ARCHITECTURE.md, from its second row on. */
  #fail(code: ResetCode, text: string): void {
    const failure = failureText(code, text);
    this.#stream?.reset(code === "session-closed" ? "cancelled" : code, text);
    this.#note(text === "" ? code : `${code}: ${text}`);
    const isBegun = this.#state === "answering" && this.#queue.hasBegun;
    this.#queue.clear();
    this.#state = "over";
    if (!isBegun) {
      this.#status = this.#isGrpc ? 200 : 502;
      if (this.#isRequestEnded || this.#isGrpc)
        this.#queue.headers(http2FailureFields({ code, text: failure, isGrpc: this.#isGrpc }), true);
      else this.#resetCode = RfcErrorCode.internalError;
    } else if (this.#isGrpcResponse && this.#responseLeftBytes === -1)
      this.#queue.headers(grpcStatus(`magpie: ${failure}`), true);
    else this.#resetCode = RfcErrorCode.internalError;
    this.#owner.wake(this);
  }

  #cancel(why: string): void {
    if (this.#state !== "over") {
      this.#stream?.reset("cancelled", why);
      this.#note(why);
    }
    this.#queue.clear();
    this.#resetCode = undefined;
    this.#over();
  }

  #note(failure: string): void {
    if (this.#recording !== undefined) this.#recording.decided.failure = failure;
  }

  #over(): void {
    this.#state = "over";
    this.#kept = undefined;
    clearTimeout(this.#timer);
    this.#owner.waiting(-this.#owedStreamBytes);
    this.#owedStreamBytes = 0;
    if (this.#owedConnectionBytes > 0) this.#owner.creditConnection(this.#owedConnectionBytes);
    this.#owedConnectionBytes = 0;
    this.#recording?.finish(this.#status);
    this.#owner.over(this);
  }
}

/** Lines of a trailer section as HTTP/2 may have them. */
function trailerPairs(lines: string): HeaderPair[] {
  const pairs: [string, string][] = [];
  for (const line of lines.split("\r\n")) {
    const colon = line.indexOf(":");
    if (colon > 0) pairs.push([line.slice(0, colon), line.slice(colon + 1).trim()]);
  }
  return http2Fields(Fields.fromPairs(pairs));
}
