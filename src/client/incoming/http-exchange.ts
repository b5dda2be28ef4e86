import { type Http1Response, readServerPreface } from "../../http/index.ts";
import { decodeAgentHead, encodeStreamHead, ProtocolError, type ResetCode } from "../../protocol/index.ts";
import { Acceptance } from "./acceptance.ts";
import { ByteRelay } from "./byte-relay.ts";
import type { Exchange, ExchangeOutcome } from "./exchange.ts";
import type { ExchangeEvents } from "./exchange-stream.ts";
import type { HttpDelivery } from "./http-delivery.ts";
import type { LocalConnection } from "./local-connection.ts";
import { isRepeatable } from "./repeatable.ts";
import { RequestWriter } from "./request-writer.ts";
import { ResponseReader } from "./response-reader.ts";

/** RFC 7301 §3.2: the program takes no protocol that we offered in TLS. */
const noCommonProtocol = "ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL";

/**
 * One stolen HTTP/1.1 request on its way to the local program and back.
 *
 * States: dialling → exchanging → (answered →) over, or exchanging → switched → over. `answered` is an answer that came
 * before the request was whole: the rest of the request still goes to the program if it reads on, and is dropped if not.
 * Content that comes while dialling, or before it is known whether a protocol is switched to, is held; the stream's credit
 * bounds it. Waits for the program without a limit, as a breakpoint must.
 *
 * Only a GET or its like without content is ever put on a used connection: such a connection may close at any moment, and
 * then the request goes out once more on a fresh one. Everything else gets a fresh connection and is sent once.
 */
export class HttpExchange implements Exchange, ExchangeEvents {
  readonly #delivery: HttpDelivery;
  readonly #writer: RequestWriter;
  readonly #reader: ResponseReader;
  readonly #held: Buffer[] = [];
  #connection: LocalConnection;
  #isReused = false;
  #state: "dialling" | "exchanging" | "answered" | "switched" | "over" = "dialling";
  #relay: ByteRelay | undefined;
  readonly #canRepeat: boolean;
  /** The program has the request, or may have. */
  #isDelivered = false;
  readonly #acceptance: Acceptance;
  #isContentEnded = false;
  #hasCallerEnded = false;
  #localKeepsAlive = false;

  constructor(delivery: HttpDelivery) {
    const { request } = delivery;
    this.#delivery = delivery;
    this.#acceptance = new Acceptance(delivery.stream);
    this.#writer = new RequestWriter(request.framing);
    this.#reader = new ResponseReader(request, {
      onInformational: (head) => this.#sendHead("informational", head),
      onResponse: (head, response) => this.#onResponse(head, response),
      onContent: (slice) => this.#onContent(slice),
      onComplete: (trailers) => this.#onComplete(trailers),
    });
    this.#canRepeat = isRepeatable({
      method: request.method,
      hasBody: request.framing.kind !== "none",
      mayUpgrade: request.mayUpgrade,
    });
    const idle = this.#canRepeat ? delivery.idle.take(delivery.idleKey) : undefined;
    this.#connection = idle ?? this.#dial();
    if (idle !== undefined) {
      this.#isReused = true;
      idle.take(this.#user());
      this.#begin();
    }
  }

  onHead(payload: Buffer): void {
    if (this.#state === "over" || this.#state === "answered") return;
    try {
      const { bytes } = decodeAgentHead(payload);
      const fault = this.#writer.trailers(bytes.toString("latin1"));
      if (fault !== undefined) return this.#failContent(fault);
      this.#isContentEnded = true;
      if (this.#state === "exchanging") this.#endContent();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#fail("protocol-error", error.message);
    }
  }

  onData(chunk: Buffer): void {
    switch (this.#state) {
      case "dialling":
        this.#held.push(chunk);
        return;
      case "exchanging":
        if (this.#writer.isComplete && this.#delivery.request.mayUpgrade) this.#held.push(chunk);
        else this.#writeContent(chunk);
        return;
      case "answered":
        this.#writeContent(chunk); // a closed connection takes it too, and drops it
        return;
      case "switched":
        this.#relay?.fromCaller(chunk);
        return;
      case "over":
    }
  }

  onEnd(): void {
    this.#hasCallerEnded = true;
    if (this.#state === "exchanging") this.#callerEnded();
    else if (this.#state === "answered") this.#endContent();
    else if (this.#state === "switched") this.#relay?.callerEnded();
  }

  onReset(code: ResetCode): void {
    if (this.#over({ how: "reset-by-agent", code })) this.#connection.abort();
  }

  onDrain(): void {
    if (this.#state === "exchanging" || this.#state === "switched") this.#connection.resume();
  }

  leave(): void {
    if (this.#state === "switched") this.#relay?.callerEnded();
  }

  cancel(code: ResetCode, text: string): void {
    const isHeld = this.#state === "dialling" && !this.#isDelivered;
    this.#fail(isHeld && code === "cancelled" ? "refused" : code, text);
  }

  #dial(): LocalConnection {
    return this.#delivery.dial(this.#user());
  }

  #user() {
    return {
      onConnect: () => this.#begin(),
      onData: (chunk: Buffer) => this.#onLocalData(chunk),
      onEnd: () => this.#onLocalEnd(),
      onClose: (error: Error | undefined) => this.#onLocalClosed(error),
    };
  }

  #begin(): void {
    this.#state = "exchanging";
    if (!this.#isDelivered) this.#acceptance.tell({ canWait: this.#canRepeat });
    this.#isDelivered = true;
    this.#connection.write([this.#delivery.head]);
    for (const chunk of this.#held.splice(0)) this.onData(chunk);
    if (this.#isContentEnded) this.#endContent();
    if (this.#hasCallerEnded) this.#callerEnded();
  }

  /** The caller's FIN behind its whole request goes on to the program, which knows what it means to it. */
  #callerEnded(): void {
    if (!this.#writer.isComplete) this.#endContent();
    else if (!this.#delivery.request.mayUpgrade) this.#connection.end();
  }

  #writeContent(chunk: Buffer): void {
    const pieces = this.#writer.content(chunk);
    if (typeof pieces === "string") this.#failContent(pieces);
    else this.#connection.write(pieces, () => this.#delivery.stream.consumed(chunk.length));
  }

  #endContent(): void {
    const pieces = this.#writer.end();
    if (typeof pieces === "string") return this.#failContent(pieces);
    this.#connection.write(pieces);
    if (this.#state === "answered") this.#finish();
  }

  /** After a whole answer a request that breaks off harms nobody: it may have been the answer that made it. */
  #failContent(fault: string): void {
    if (this.#state !== "answered") return this.#fail("protocol-error", fault);
    this.#connection.abort();
    this.#finish();
  }

  #onLocalData(chunk: Buffer): void {
    if (this.#state === "answered") return this.#connection.abort(); // more than its answer: not to be used again
    const connection = this.#connection;
    const isFirst = !this.#reader.hasBegun;
    const fault = this.#reader.read(chunk);
    if (fault === undefined) return;
    if (isFirst && readServerPreface(chunk) !== "other") return this.#http2Only();
    // After a whole answer the caller has it; only the connection, by now perhaps an idle one, is no good any more.
    if (this.#reader.state === "complete") connection.abort();
    else this.#fail("protocol-error", `the program's answer is no HTTP: ${fault}`);
  }

  #onLocalEnd(): void {
    if (this.#state === "switched") return this.#relay?.localEnded();
    if (this.#state === "answered") return;
    if (this.#state === "exchanging" && !this.#tryAgain()) {
      const fault = this.#reader.end();
      if (fault !== undefined) this.#fail("local-closed", `the program failed: ${fault}`);
    }
  }

  #http2Only(): void {
    if (this.#delivery.onHttp2Only()) this.#leave();
    else this.#fail("protocol-error", "the program speaks HTTP/2 only, and got a request of HTTP/1.1");
  }

  #onLocalClosed(error: NodeJS.ErrnoException | undefined): void {
    switch (this.#state) {
      case "dialling":
        if (error?.code === noCommonProtocol) return this.#http2Only();
        // Nothing was written yet, unless this is the second try.
        return this.#fail(
          this.#isDelivered ? "local-closed" : "local-refused",
          error?.message ?? "it could not be reached",
        );
      case "exchanging":
        if (!this.#tryAgain())
          this.#fail("local-closed", error?.message ?? "the program closed the connection");
        return;
      case "switched":
        return this.#relay?.localClosed(error);
      case "answered":
        return this.#writer.isComplete ? this.#finish() : undefined;
      case "over":
    }
  }

  /** A used connection that ends before a byte of the answer was closed by the program before it read the request. */
  #tryAgain(): boolean {
    if (!this.#isReused || this.#reader.hasBegun) return false;
    this.#isReused = false;
    this.#connection.close();
    this.#state = "dialling";
    this.#connection = this.#dial();
    return true;
  }

  #onResponse(head: Buffer, response: Http1Response): void {
    this.#localKeepsAlive = response.keepAlive;
    this.#sendHead("response", head);
    if (!response.switchesProtocol || this.#isOver()) return;
    this.#state = "switched";
    const { stream } = this.#delivery;
    const relay = new ByteRelay({
      stream,
      connection: this.#connection,
      owner: {
        finish: () => this.#finish(),
        fail: (code, text) => this.#fail(code, text),
      },
    });
    this.#relay = relay;
    for (const chunk of this.#held.splice(0)) relay.fromCaller(chunk);
    if (this.#hasCallerEnded) relay.callerEnded();
  }

  #onContent(slice: Buffer): void {
    if (this.#isOver()) return;
    if (this.#relay !== undefined) this.#relay.fromLocal(slice);
    else if (!this.#delivery.stream.write(slice)) this.#connection.pause();
  }

  #onComplete(trailers: string): void {
    if (this.#isOver()) return;
    if (trailers !== "") this.#sendHead("trailers", Buffer.from(trailers, "latin1"));
    this.#delivery.stream.end();
    this.#state = "answered";
    this.#connection.resume();
    // What was held for a switch that did not come belongs to nobody.
    for (const chunk of this.#held.splice(0)) this.#delivery.stream.consumed(chunk.length);
    if (this.#writer.isComplete) this.#finish();
  }

  #sendHead(kind: "informational" | "response" | "trailers", bytes: Buffer): void {
    if (this.#isOver()) return;
    this.#acceptance.settle();
    this.#delivery.stream.sendHead(encodeStreamHead(kind, bytes));
  }

  /** Both messages are whole: the connection may serve the same caller again. */
  #finish(): void {
    const isReusable =
      this.#state === "answered" &&
      this.#localKeepsAlive &&
      this.#delivery.request.keepAlive &&
      !this.#hasCallerEnded &&
      !this.#connection.isClosed;
    if (!this.#over({ how: "done" })) return;
    if (isReusable) this.#delivery.idle.put(this.#delivery.idleKey, this.#connection);
    else this.#connection.close();
  }

  #fail(code: ResetCode, text: string): void {
    if (!this.#over({ how: "failed", code, text })) return;
    this.#delivery.stream.reset(code, text);
    this.#connection.abort();
  }

  #isOver(): boolean {
    return this.#state === "over";
  }

  /** Ends without a word to anybody but the program. */
  #leave(): void {
    this.#end();
    this.#connection.abort();
  }

  #over(outcome: ExchangeOutcome): boolean {
    if (this.#state === "over") return false;
    this.#end();
    this.#delivery.onOver(outcome);
    return true;
  }

  #end(): void {
    this.#state = "over";
    this.#acceptance.settle();
    this.#held.length = 0;
  }
}
