import { type BodyScanner, parseResponseHead, writeChunk, writeLastChunk } from "../../http/index.ts";
import {
  decodeClientHead,
  encodeStreamHead,
  ProtocolError,
  type ResetCode,
  type StreamHead,
} from "../../protocol/index.ts";
import type { StreamEvents, TunnelStream } from "../../tunnel/index.ts";
import type { Subscription } from "../routing/index.ts";
import type { Recording } from "../trace/index.ts";
import { failureText, mayGoElsewhere } from "./delivery-failure.ts";
import { failureResponse } from "./failure-response.ts";
import { type Link, Pause } from "./link.ts";
import { frameResponse, type ResponseBody, type ResponseReader } from "./stolen-response.ts";
import { offerTo } from "./offer.ts";

/** The request as the exchange needs it once its head is decided. */
export interface StolenRequest extends ResponseReader {
  readonly method: string;
  readonly mayUpgrade: boolean;
  readonly isChunked: boolean;
}

/**
 * Where a stolen exchange is.
 *
 * | state       | holds                                                                                       |
 * |-------------|---------------------------------------------------------------------------------------------|
 * | `offered`   | nothing is known to be delivered; the raw request is kept, so that the app can still have it |
 * | `accepted`  | the local process may have bytes of the request; a failure is a 502                         |
 * | `answering` | the final head has been written; a failure ends the connection without the body's end       |
 * | `upgraded`  | 101, or 2xx to CONNECT: bytes both ways                                                     |
 * | `over`      | nothing more is read or written for it                                                      |
 */
type State = "offered" | "accepted" | "answering" | "upgraded" | "over";

/** Of a request that is offered, this much is kept for the app; more is not read before the offer is taken. */
const MAX_REPLAY_BYTES = 256 * 1024;

/** One request that a session answers, from its decided head to the last byte of its response. */
export class StolenExchange implements StreamEvents {
  readonly #link: Link;
  readonly #subscription: Subscription;
  readonly #request: StolenRequest;
  readonly #body: BodyScanner;
  readonly #recording: Recording | undefined;
  readonly #requestId: string;
  readonly #onOver: (goesOn: boolean) => void;
  readonly #onUpgraded: () => void;
  readonly #onOriginal: (raw: readonly Buffer[]) => void;
  #state: State = "offered";
  #stream: TunnelStream | undefined;
  /** The request exactly as received, while the app may still have to answer it. */
  #raw: Buffer[];
  #rawBytes = 0;
  #isRequestEnded = false;
  #isStreamSlow = false;
  #response: ResponseBody = { kind: "none" };
  #responseLeftBytes = 0;
  #keepAlive = false;
  #status: number | null = null;
  #trailers = "";
  #uncreditedBytes = 0;

  constructor(options: {
    link: Link;
    subscription: Subscription;
    request: StolenRequest;
    rawHead: Buffer;
    body: BodyScanner;
    recording: Recording | undefined;
    requestId: string;
    /** The protocol was switched: what the client sent behind its request is wanted now. */
    onUpgraded: () => void;
    /** The exchange is over; `goesOn` when the connection may carry another. */
    onOver: (goesOn: boolean) => void;
    /** Nothing was delivered: the app shall answer, and gets these bytes first. */
    onOriginal: (raw: readonly Buffer[]) => void;
  }) {
    this.#link = options.link;
    this.#subscription = options.subscription;
    this.#request = options.request;
    this.#raw = [options.rawHead];
    this.#body = options.body;
    this.#recording = options.recording;
    this.#requestId = options.requestId;
    this.#onUpgraded = options.onUpgraded;
    this.#onOver = options.onOver;
    this.#onOriginal = options.onOriginal;
  }

  /** Offers the request to the session. Gives false when the session is over. */
  begin(): boolean {
    const head = this.#raw[0] as Buffer; // The constructor put it there.
    const offer = { kind: "http1", requestId: this.#requestId, head } as const;
    this.#stream = offerTo(this.#subscription, this.#link, offer, this);
    if (this.#stream === undefined) return false;
    if (this.#body.state === "done") this.#endRequest();
    return true;
  }

  get isUpgraded(): boolean {
    return this.#state === "upgraded";
  }

  /** Takes bytes of the request's body and gives the offset behind the last one that belongs to it. */
  requestBytes(bytes: Buffer, from: number, to: number): number {
    const stream = this.#stream as TunnelStream; // There from `begin` to the end.
    let goesOn = true;
    const end = this.#body.scan(bytes, from, to, (start, stop) => {
      goesOn = stream.write(Buffer.from(bytes.subarray(start, stop)));
    });
    if (this.#body.state === "ambiguous") {
      this.#refuseBody();
      return to;
    }
    if (this.#state === "offered") this.#keepForReplay(bytes, from, end);
    if (!goesOn) this.#waitForStream();
    if (this.#body.state === "done") this.#endRequest();
    return end;
  }

  /** Takes bytes of the client after the protocol was switched. */
  upgradedBytes(bytes: Buffer): void {
    if (this.#stream?.write(bytes) === false) this.#waitForStream();
  }

  /** The client has sent its last byte; a request that is not whole by now never will be. */
  clientEnded(): void {
    if (this.#state === "upgraded") this.#stream?.end();
    else if (this.#body.state === "more") {
      this.#stream?.reset("cancelled", "the caller ended its request early");
      this.#over(false);
      this.#link.reset();
    } else this.#stream?.end();
  }

  clientGone(): void {
    if (this.#state === "over") return;
    this.#stream?.reset("cancelled", "the caller is gone");
    this.#state = "over";
    if (this.#recording !== undefined) this.#recording.decided.failure = "the caller is gone";
    this.#recording?.finish(this.#status);
  }

  clientDrained(): void {
    if (this.#uncreditedBytes === 0) return;
    const bytes = this.#uncreditedBytes;
    this.#uncreditedBytes = 0;
    this.#stream?.consumed(bytes);
  }

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
    else if (this.#state === "answering" || this.#state === "upgraded")
      this.#fail("protocol-error", "a second response");
    else this.#answer(head.bytes, head.kind === "informational");
  }

  onData(chunk: Buffer): void {
    if (this.#state === "over") return;
    if (this.#state !== "answering" && this.#state !== "upgraded")
      return this.#fail("protocol-error", "a body before its head");
    if (this.#response.kind === "length" || (this.#response.kind === "none" && this.#state === "answering")) {
      this.#responseLeftBytes -= chunk.length;
      if (this.#responseLeftBytes < 0)
        return this.#fail("protocol-error", "a longer body than was announced");
    }
    const bytes = this.#response.kind === "chunked" ? writeChunk(chunk) : chunk;
    if (this.#link.client.write(bytes)) this.#stream?.consumed(chunk.length);
    else this.#uncreditedBytes += chunk.length;
  }

  onEnd(): void {
    if (this.#state === "over") return;
    if (this.#state === "upgraded") return this.#link.client.end();
    if (this.#state !== "answering") return this.#fail("protocol-error", "no response");
    if (this.#response.kind === "length" && this.#responseLeftBytes > 0)
      return this.#fail("local-closed", "the body is shorter than was announced");
    if (this.#response.kind === "chunked") this.#link.client.write(writeLastChunk(this.#trailers));
    // A response that came before its request was whole leaves a body on the wire that nobody wants.
    const goesOn = this.#keepAlive && this.#body.state === "done";
    if (this.#body.state === "done") this.#stream?.end();
    else this.#stream?.reset("cancelled", "answered before the request was whole");
    this.#over(goesOn);
    if (!goesOn) this.#link.endClient();
  }

  onReset(code: ResetCode, text: string): void {
    if (this.#state === "over") return;
    const { method } = this.#request;
    const { onLocalFailure } = this.#subscription;
    if (this.#state === "offered" && mayGoElsewhere(code, { method, onLocalFailure }))
      return this.#goElsewhere(code, text);
    this.#fail(code, text);
  }

  onDrain(): void {
    this.#isStreamSlow = false;
    if (this.#rawBytes < MAX_REPLAY_BYTES) this.#link.resumeClient(Pause.session);
  }

  #goElsewhere(code: ResetCode, text: string): void {
    this.#state = "over";
    this.#note(code, text);
    if (this.#recording !== undefined) this.#recording.decided.verdict = "original";
    this.#link.resumeClient(Pause.session);
    const raw = this.#raw;
    this.#raw = [];
    this.#onOriginal(raw);
  }

  #accepted(): void {
    if (this.#state !== "offered") return;
    this.#state = "accepted";
    this.#raw = [];
    this.#rawBytes = 0;
    if (!this.#isStreamSlow) this.#link.resumeClient(Pause.session);
  }

  #keepForReplay(bytes: Buffer, from: number, to: number): void {
    this.#raw.push(Buffer.from(bytes.subarray(from, to)));
    this.#rawBytes += to - from;
    if (this.#rawBytes >= MAX_REPLAY_BYTES) this.#link.pauseClient(Pause.session);
  }

  #waitForStream(): void {
    this.#isStreamSlow = true;
    this.#link.pauseClient(Pause.session);
  }

  #endRequest(): void {
    if (this.#isRequestEnded) return;
    this.#isRequestEnded = true;
    // Where the length was announced the client counts; END is kept for the caller's own FIN.
    if (this.#request.isChunked)
      this.#stream?.sendHead(encodeStreamHead("trailers", Buffer.from(this.#body.trailers, "latin1")));
  }

  #answer(bytes: Buffer, isInformational: boolean): void {
    const head = parseResponseHead(bytes, this.#request.method);
    if ("ambiguity" in head) return this.#fail("protocol-error", `its response head: ${head.ambiguity}`);
    this.#accepted();
    if (isInformational && head.status !== 101) {
      // RFC 9110 §15.2: a client of HTTP/1.0 knows no interim responses.
      if (this.#request.version !== "1.0") this.#link.client.write(bytes);
      return;
    }
    this.#status = head.status;
    if (head.switchesProtocol) {
      this.#state = "upgraded";
      this.#link.client.write(bytes);
      this.#recording?.finish(head.status);
      return this.#onUpgraded();
    }
    const framed = frameResponse(head, this.#request);
    this.#state = "answering";
    this.#response = framed.body;
    this.#responseLeftBytes = framed.body.kind === "length" ? framed.body.bytes : 0;
    this.#keepAlive = framed.keepAlive && this.#request.keepAlive;
    this.#link.client.write(framed.head);
  }

  /** The failure table of ARCHITECTURE.md, from its second row on. */
  #fail(code: ResetCode, text: string): void {
    const isBegun = this.#state === "answering" || this.#state === "upgraded";
    // The end of the connection would look like the end of such a body: only a reset does not.
    const mustReset = this.#state === "upgraded" || (isBegun && this.#response.kind === "close");
    this.#stream?.reset(code === "session-closed" ? "cancelled" : code, text);
    this.#note(code, text);
    if (!isBegun) this.#status = 502;
    this.#over(false);
    if (mustReset) return this.#link.reset();
    if (!isBegun) {
      const headOnly = this.#request.method === "HEAD";
      this.#link.client.write(
        failureResponse({ status: 502, code, text: failureText(code, text), headOnly }),
      );
    }
    this.#link.endClient();
  }

  /** The client sends what is no chunked body: it has no right to an answer of the app, which never saw it. */
  #refuseBody(): void {
    this.#stream?.reset("cancelled", "the caller's body is malformed");
    this.#over(false);
    const text = "the chunked body of this request is malformed (RFC 9112 §7.1)";
    this.#link.client.write(failureResponse({ status: 400, code: "malformed-chunk", text, headOnly: false }));
    this.#link.endClient();
  }

  #note(code: ResetCode, text: string): void {
    if (this.#recording !== undefined)
      this.#recording.decided.failure = text === "" ? code : `${code}: ${text}`;
  }

  #over(goesOn: boolean): void {
    this.#state = "over";
    this.#recording?.finish(this.#status);
    this.#link.resumeClient(Pause.session);
    this.#onOver(goesOn);
  }
}
