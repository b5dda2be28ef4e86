import {
  encodePlain,
  type HeaderPair,
  type Http1Request,
  http1FieldLines,
  http1RequestHead,
  http1UpgradeHead,
  http2Fields,
  type Http2RequestHead,
  http2ResponseFields,
  http2UpgradeFields,
  parseRequestHead,
  parseResponseHead,
  readTrailers,
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
import { readPlainBlock, readTrailerLines } from "./field-blocks.ts";
import { acceptOfWebSocketKey, newWebSocketKey } from "./websocket-key.ts";

/** A request of HTTP/2 as a program of HTTP/1.1 can have it. */
export interface Http1Form {
  readonly request: Http1Request;
  readonly head: Buffer;
  /** The key that was made for a WebSocket, which HTTP/2 has none for. */
  readonly key: string | undefined;
}

/** Says the request in HTTP/1.1, or why it cannot be said. */
export function http1FormOf(
  request: Http2RequestHead,
  { hasBody }: { hasBody: boolean },
): Http1Form | { readonly refusal: string } {
  const { protocol } = request;
  if (protocol !== undefined && protocol !== "websocket")
    return { refusal: `the program speaks HTTP/1.1, which has no form for a CONNECT of ${protocol}` };
  const key = protocol === undefined ? undefined : newWebSocketKey();
  const text = key === undefined ? http1RequestHead(request, { hasBody }) : http1UpgradeHead(request, key);
  const head = Buffer.from(text, "latin1");
  const parsed = parseRequestHead(head);
  if ("ambiguity" in parsed) return { refusal: `the request has no form in HTTP/1.1: ${parsed.ambiguity}` };
  return { request: parsed, head, key };
}

/**
 * Stands between a tunnel stream of HTTP/2 and an exchange of HTTP/1.1, and says to each what the other said.
 *
 * END_STREAM is the end of the request and never a FIN, except behind a switch of protocols. A 101 to our WebSocket
 * becomes the 200 of an extended CONNECT (RFC 8441 §5); a 200 in its place would look like one, so it is a failure.
 */
export class AsHttp1 implements ExchangeStream, Attempt {
  readonly #stream: ExchangeStream;
  readonly #form: Http1Form;
  readonly #inner: Attempt;
  #contentBytes = 0;
  #isContentEnded = false;

  constructor(parts: {
    stream: ExchangeStream;
    form: Http1Form;
    begin: (stream: ExchangeStream) => Attempt;
  }) {
    this.#stream = parts.stream;
    this.#form = parts.form;
    this.#inner = parts.begin(this);
  }

  // --- from the tunnel ---

  onHead(payload: Buffer): void {
    this.#guard(() => {
      const trailers = readTrailers(readPlainBlock(decodeAgentHead(payload).bytes).fields);
      if ("malformed" in trailers) throw new ProtocolError("bad-payload", `trailers: ${trailers.malformed}`);
      // A body with a Content-Length has no place for trailers (RFC 9112 §6.2).
      if (this.#form.request.framing.kind === "chunked") this.#endChunks(http1FieldLines(trailers));
    });
  }

  onData(chunk: Buffer): void {
    this.#contentBytes += chunk.length;
    this.#inner.onData(chunk);
  }

  onEnd(): void {
    const { framing, mayUpgrade } = this.#form.request;
    if (mayUpgrade) this.#inner.onEnd();
    else if (framing.kind === "chunked") this.#endChunks("");
    // It notices that content is missing.
    else if (framing.kind === "length" && this.#contentBytes < framing.bytes) this.#inner.onEnd();
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

  // --- from the exchange of HTTP/1.1 ---

  sendHead(payload: Buffer): void {
    const head = decodeClientHead(payload);
    if (head.kind === "accepted") return this.#stream.sendHead(payload);
    if (head.kind === "trailers") {
      const pairs = http2Fields(readTrailerLines(head.bytes));
      if (pairs.length > 0) this.#send("trailers", pairs);
      return undefined;
    }
    const { request } = this.#form;
    const response = parseResponseHead(head.bytes, request.method);
    if ("ambiguity" in response)
      return this.cancel("internal", `a head that was read: ${response.ambiguity}`);
    if (head.kind === "informational") return this.#send(head.kind, http2ResponseFields(response));
    const fault = this.#form.key === undefined ? undefined : upgradeFault(response, this.#form.key);
    if (fault !== undefined) return this.cancel("protocol-error", fault);
    this.#send("response", http2UpgradeFields(response));
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

  #send(kind: "informational" | "response" | "trailers", pairs: readonly HeaderPair[]): void {
    this.#stream.sendHead(encodeStreamHead(kind, encodePlain(pairs)));
  }

  #endChunks(lines: string): void {
    if (this.#isContentEnded) return;
    this.#isContentEnded = true;
    this.#inner.onHead(encodeStreamHead("trailers", Buffer.from(lines, "latin1")));
  }

  #guard(act: () => void): void {
    try {
      act();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.cancel("protocol-error", error.message);
    }
  }
}

/** What is wrong with an answer to our WebSocket: only 101 with the proof of our key makes one (RFC 6455 §4.1). */
function upgradeFault(
  response: { status: number; fields: { first(lowerName: string): string | undefined } },
  key: string,
): string | undefined {
  const { status, fields } = response;
  if (status >= 200 && status < 300)
    return `the program answered ${status} to a WebSocket, where 101 is a yes`;
  if (status !== 101 || fields.first("sec-websocket-accept") === acceptOfWebSocketKey(key)) return undefined;
  return "the program switched to WebSocket without the proof of our key";
}
