import { STATUS_CODES } from "node:http";
import {
  encodePlain,
  type HeaderPair,
  type Http1Request,
  http1FieldLines,
  http1ResponseHead,
  http2Fields,
  http2RequestFields,
  type Http2ResponseHead,
  http2WebSocketFields,
  readResponseHead,
  readTrailers,
  takesTrailers,
} from "../../../http/index.ts";
import {
  decodeAgentHead,
  decodeClientHead,
  encodeStreamHead,
  ProtocolError,
  type ResetCode,
} from "../../../protocol/index.ts";
import type { Attempt } from "../delivery.ts";
import type { ExchangeStream } from "../exchange-stream.ts";
import type { OutgoingHead } from "../http2/http2-exchange.ts";
import { readPlainBlock, readTrailerLines } from "./field-blocks.ts";
import { acceptOfWebSocketKey } from "./websocket-key.ts";

/** The inner exchange, told how to say the head once it is known what the program takes. */
export type BeginHttp2 = (
  stream: ExchangeStream,
  headFor: (peer: { readonly takesExtendedConnect: boolean }) => OutgoingHead,
) => Attempt;

/**
 * Stands between a tunnel stream of HTTP/1.1 and an exchange of HTTP/2, and says to each what the other said.
 *
 * A WebSocket becomes an extended CONNECT where the program takes those (RFC 8441); every other upgrade is not asked for,
 * as RFC 9110 §7.8 allows. Bytes behind a head that may switch protocols wait until it has switched.
 */
export class AsHttp2 implements ExchangeStream, Attempt {
  readonly #stream: ExchangeStream;
  readonly #request: Http1Request;
  readonly #scheme: string;
  readonly #inner: Attempt;
  /** What the program is asked to become, behind the head. */
  #asked: "answer" | "tunnel" | "websocket" = "answer";
  #isTunnel = false;
  readonly #held: Buffer[] = [];
  #hasCallerEnded = false;
  #leftBytes: number;
  #isContentEnded: boolean;
  #sendsTrailers = false;

  constructor(parts: { stream: ExchangeStream; request: Http1Request; scheme: string; begin: BeginHttp2 }) {
    const { framing } = parts.request;
    this.#stream = parts.stream;
    this.#request = parts.request;
    this.#scheme = parts.scheme;
    this.#leftBytes = framing.kind === "length" ? framing.bytes : 0;
    this.#isContentEnded = framing.kind === "none";
    this.#inner = parts.begin(this, (peer) => this.#headFor(peer));
  }

  // --- from the tunnel ---

  onHead(payload: Buffer): void {
    try {
      const pairs = http2Fields(readTrailerLines(decodeAgentHead(payload).bytes));
      if (this.#isContentEnded) return;
      if (pairs.length > 0) this.#inner.onHead(encodeStreamHead("trailers", encodePlain(pairs)));
      this.#endContent();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.cancel("protocol-error", error.message);
    }
  }

  onData(chunk: Buffer): void {
    if (this.#isTunnel) return this.#inner.onData(chunk);
    if (this.#request.mayUpgrade && this.#isContentEnded) return void this.#held.push(chunk);
    const { kind } = this.#request.framing;
    if (this.#isContentEnded || (kind === "length" && chunk.length > this.#leftBytes))
      return this.cancel("protocol-error", "the request has more content than its head announces");
    this.#inner.onData(chunk);
    if (kind !== "length") return;
    this.#leftBytes -= chunk.length;
    if (this.#leftBytes === 0) this.#endContent();
  }

  /** The caller's FIN: HTTP/2 has no such thing for a request that is whole. */
  onEnd(): void {
    this.#hasCallerEnded = true;
    if (this.#isTunnel) this.#inner.onEnd();
    else if (!this.#isContentEnded)
      this.cancel("protocol-error", "the request ends before its content is whole");
  }

  onReset(code: ResetCode, text: string): void {
    this.#inner.onReset(code, text);
  }

  onDrain(): void {
    this.#inner.onDrain();
  }

  leave(): void {
    this.#inner.leave();
  }

  cancel(code: ResetCode, text: string): void {
    this.#inner.cancel(code, text);
  }

  // --- from the exchange of HTTP/2 ---

  sendHead(payload: Buffer): void {
    const head = decodeClientHead(payload);
    if (head.kind === "accepted") return this.#stream.sendHead(payload);
    const { fields } = readPlainBlock(head.bytes);
    if (head.kind === "trailers") {
      const trailers = readTrailers(fields);
      if (this.#sendsTrailers && !("malformed" in trailers))
        this.#send("trailers", http1FieldLines(trailers));
      return undefined;
    }
    const response = readResponseHead(fields);
    if ("malformed" in response)
      return this.cancel("internal", `a head that was read: ${response.malformed}`);
    if (head.kind === "response") return this.#answer(response);
    // RFC 9110 §15.2: HTTP/1.0 knows no 1xx.
    if (this.#request.version === "1.1") this.#send("informational", headText(response));
  }

  write(chunk: Buffer): boolean {
    return this.#stream.write(chunk);
  }

  end(): void {
    this.#stream.end();
  }

  reset(code: ResetCode, text?: string): void {
    this.#stream.reset(code, text);
  }

  consumed(bytes: number): void {
    this.#stream.consumed(bytes);
  }

  #headFor(peer: { readonly takesExtendedConnect: boolean }): OutgoingHead {
    const request = this.#request;
    const about = { scheme: this.#scheme };
    if (isWebSocket(request) && peer.takesExtendedConnect) this.#asked = "websocket";
    else if (request.method === "CONNECT") this.#asked = "tunnel";
    const pairs: HeaderPair[] =
      this.#asked === "websocket" ? http2WebSocketFields(request, about) : http2RequestFields(request, about);
    const endsStream = this.#asked === "answer" && request.framing.kind === "none";
    return { block: encodePlain(pairs), endsStream };
  }

  #answer(response: Http2ResponseHead): void {
    const isYes = this.#asked !== "answer" && response.status < 300;
    if (isYes) this.#isTunnel = true;
    this.#send("response", isYes ? this.#switchHead(response) : this.#framedHead(response));
    const held = this.#held.splice(0);
    if (isYes) {
      for (const chunk of held) this.#inner.onData(chunk);
      if (this.#hasCallerEnded) this.#inner.onEnd();
      return;
    }
    for (const chunk of held) this.#stream.consumed(chunk.length); // It belongs to nobody.
    // A CONNECT that was refused is a stream whose request must end, too.
    if (this.#asked !== "answer") this.#inner.onEnd();
  }

  #switchHead(response: Http2ResponseHead): string {
    if (this.#asked === "tunnel") return headText(response);
    const key = this.#request.fields.first("sec-websocket-key") ?? "";
    const framing =
      "connection: Upgrade\r\nupgrade: websocket\r\n" +
      `sec-websocket-accept: ${acceptOfWebSocketKey(key)}\r\n`;
    return headText({ status: 101, fields: response.fields }, framing);
  }

  #framedHead(response: Http2ResponseHead): string {
    const { method, version, fields } = this.#request;
    const { status, contentLength } = response;
    if (contentLength !== undefined || method === "HEAD" || status === 204 || status === 304)
      return headText(response);
    if (version === "1.0") return headText(response, "connection: close\r\n");
    this.#sendsTrailers = takesTrailers(fields);
    return headText(response, "transfer-encoding: chunked\r\n");
  }

  #endContent(): void {
    this.#isContentEnded = true;
    this.#inner.onEnd();
  }

  #send(kind: "informational" | "response" | "trailers", text: string): void {
    this.#stream.sendHead(encodeStreamHead(kind, Buffer.from(text, "latin1")));
  }
}

function headText(response: Pick<Http2ResponseHead, "status" | "fields">, framing = ""): string {
  return http1ResponseHead(response, { reason: STATUS_CODES[response.status] ?? "", framing });
}

/** RFC 6455 §4.1: a GET that asks for it, and has no content. */
function isWebSocket({ method, framing, fields, mayUpgrade }: Http1Request): boolean {
  return (
    mayUpgrade &&
    method === "GET" &&
    framing.kind === "none" &&
    fields.all("upgrade").some((value) => value.toLowerCase().includes("websocket"))
  );
}
