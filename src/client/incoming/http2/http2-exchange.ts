import { RfcErrorCode } from "../../../http/index.ts";
import {
  decodeAgentHead,
  encodeStreamHead,
  http2ErrorCodeOf,
  http2ResetCode,
  ProtocolError,
  type ResetCode,
} from "../../../protocol/index.ts";
import { Acceptance } from "../acceptance.ts";
import type { Exchange, ExchangeOutcome } from "../exchange.ts";
import type { ExchangeEvents, ExchangeStream } from "../exchange-stream.ts";
import { isRepeatable } from "../repeatable.ts";
import { AnswerReader } from "./answer-reader.ts";
import type { Http2StreamUser, LocalHttp2Stream, LostHow } from "./local-http2-stream.ts";

/** What can be sent to the program: a header block that needs no table, or why there is none. */
export type OutgoingHead =
  | { readonly block: Buffer /** END_STREAM goes out with it. */; readonly endsStream: boolean }
  | { readonly refusal: string };

/** One stolen request, with all that is needed to deliver it in HTTP/2. */
export interface Http2Delivery {
  readonly stream: ExchangeStream;
  readonly method: string;
  headFor(peer: { readonly takesExtendedConnect: boolean }): OutgoingHead;
  /** Opens a stream on the caller's connection to the program. */
  readonly open: (user: Http2StreamUser) => LocalHttp2Stream;
  /**
   * The program has not done anything with the request: it said so, or it does not speak HTTP/2 at all. Gives whether the
   * request is delivered once more: then this exchange is over without a word.
   */
  readonly onUnprocessed: (why: "refused-stream" | "no-http2") => boolean;
  readonly onOver: (outcome: ExchangeOutcome) => void;
}

/** What came before the stream's turn. */
type Held = { readonly chunk: Buffer } | { readonly trailers: Buffer } | "end";

/**
 * One stolen request on its way to the local program in HTTP/2, and back; on the tunnel's side it has the kind `http2`.
 *
 * States: waiting → sent → answering → answered → over. `answered` is an answer that came before the request was whole: the
 * rest still goes to the program, as long as it reads on. Waits for the program without a limit, as a breakpoint must.
 */
export class Http2Exchange implements Exchange, ExchangeEvents {
  readonly #delivery: Http2Delivery;
  readonly #acceptance: Acceptance;
  readonly #answer: AnswerReader;
  readonly #local: LocalHttp2Stream;
  readonly #held: Held[] = [];
  #state: "waiting" | "sent" | "answering" | "answered" | "over" = "waiting";
  #trailers: Buffer | undefined;
  #isRequestEnded = false;
  /** What the tunnel has not taken yet. */
  #withheldBytes = 0;

  constructor(delivery: Http2Delivery) {
    const { stream, method } = delivery;
    this.#delivery = delivery;
    this.#acceptance = new Acceptance(stream);
    this.#answer = new AnswerReader(method, {
      onInformational: (block) => this.#sendHead("informational", block),
      onResponse: (block) => this.#sendHead("response", block),
      onTrailers: (block) => this.#sendHead("trailers", block),
      onContent: (slice) => this.#onContent(slice),
    });
    this.#local = delivery.open(this.#user());
  }

  // --- from the tunnel ---

  onHead(payload: Buffer): void {
    try {
      const { bytes } = decodeAgentHead(payload);
      if (this.#state === "waiting") this.#held.push({ trailers: bytes });
      else this.#trailers = bytes;
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#fail("protocol-error", error.message);
    }
  }

  onData(chunk: Buffer): void {
    if (this.#state === "waiting") this.#held.push({ chunk });
    else if (this.#isRequestEnded) this.#delivery.stream.consumed(chunk.length);
    else if (this.#state !== "over")
      this.#local.sendData(chunk, () => this.#delivery.stream.consumed(chunk.length));
  }

  onEnd(): void {
    if (this.#state === "waiting") return void this.#held.push("end");
    if (this.#state === "over" || this.#isRequestEnded) return;
    this.#isRequestEnded = true;
    this.#local.end(this.#trailers);
    if (this.#state === "answered") this.#over({ how: "done" });
  }

  onReset(code: ResetCode): void {
    // What a code of RFC 9113 §7 says is for the program to know.
    const rfcCode = (http2ErrorCodeOf(code) ?? RfcErrorCode.cancel) as RfcErrorCode; // The table has no others.
    if (this.#over({ how: "reset-by-agent", code })) this.#local.reset(rfcCode);
  }

  onDrain(): void {
    const bytes = this.#withheldBytes;
    this.#withheldBytes = 0;
    if (bytes > 0) this.#local.consumed(bytes);
  }

  leave(): void {
    if (this.#delivery.method === "CONNECT" && this.#state === "answering") this.onEnd();
  }

  cancel(code: ResetCode, text: string): void {
    this.#fail(this.#state === "waiting" && code === "cancelled" ? "refused" : code, text);
  }

  // --- from the program ---

  #user(): Http2StreamUser {
    return {
      onTurn: (peer) => this.#begin(peer),
      onHead: (block, endsStream) => this.#check(this.#answer.head(block, endsStream)),
      onData: (slice) => this.#check(this.#answer.data(slice)),
      onEnd: () => this.#onAnswered(),
      onReset: (code, text) => this.#onLocalReset(code, text),
      onUnprocessed: () => this.#onUnprocessed(),
      onLost: (how, text) => this.#onLost(how, text),
    };
  }

  #begin(peer: { readonly takesExtendedConnect: boolean }): void {
    const head = this.#delivery.headFor(peer);
    if ("refusal" in head) return this.#fail("refused", head.refusal);
    this.#state = "sent";
    const { method } = this.#delivery;
    const canWait = isRepeatable({ method, hasBody: !head.endsStream, mayUpgrade: false });
    this.#acceptance.tell({ canWait });
    this.#isRequestEnded = head.endsStream;
    this.#local.sendHead(head.block, { endsStream: head.endsStream });
    for (const held of this.#held.splice(0)) {
      if (held === "end") this.onEnd();
      else if ("chunk" in held) this.onData(held.chunk);
      else this.#trailers = held.trailers;
    }
  }

  #sendHead(kind: "informational" | "response" | "trailers", block: Buffer): void {
    if (this.#state === "over") return;
    if (kind === "response") this.#state = "answering";
    this.#acceptance.settle();
    this.#delivery.stream.sendHead(encodeStreamHead(kind, block));
  }

  #onContent(slice: Buffer): void {
    if (this.#state === "over") return;
    if (this.#delivery.stream.write(slice)) this.#local.consumed(slice.length);
    else this.#withheldBytes += slice.length;
  }

  #onAnswered(): void {
    const fault = this.#answer.end();
    if (fault !== undefined) return this.#check(fault);
    if (this.#state === "over") return;
    this.#delivery.stream.end();
    this.#state = "answered";
    if (this.#isRequestEnded) this.#over({ how: "done" });
  }

  /** RFC 9113 §8.1.1: a malformed answer ends its stream. */
  #check(fault: string | undefined): void {
    if (fault !== undefined)
      this.#fail("protocol-error", `the program sent ${fault}`, RfcErrorCode.protocolError);
  }

  #onLocalReset(code: number, text: string): void {
    // After a whole answer the caller has it, and what the program thinks of the rest of the request matters no more.
    if (this.#state === "answered") this.#over({ how: "done" });
    else if (text === "") this.#fail(http2ResetCode(code), "");
    else this.#fail("protocol-error", `the program broke a rule of HTTP/2: ${text}`);
  }

  #onUnprocessed(): void {
    if (!this.#answer.hasBegun && this.#delivery.onUnprocessed("refused-stream")) this.#end();
    else if (this.#answer.hasBegun)
      this.#fail("protocol-error", "the program refused what it had begun to answer");
    else this.#fail("http2-refused-stream", "the program refused the stream");
  }

  #onLost(how: LostHow, text: string): void {
    switch (how) {
      case "refused":
        return this.#fail("local-refused", text);
      case "stranger":
        if (this.#delivery.onUnprocessed("no-http2")) this.#end();
        else this.#fail("local-refused", `the program does not speak HTTP/2: ${text}`);
        return undefined;
      case "closed":
        if (this.#state === "answered") this.#over({ how: "done" });
        else this.#fail("local-closed", text);
    }
  }

  #fail(code: ResetCode, text: string, rfcCode: RfcErrorCode = RfcErrorCode.cancel): void {
    if (!this.#over({ how: "failed", code, text })) return;
    this.#delivery.stream.reset(code, text);
    this.#local.reset(rfcCode);
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
