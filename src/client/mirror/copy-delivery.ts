import { decodeClientHead, encodeStreamHead, type ResetCode } from "../../protocol/index.ts";
import type { ExchangeEvents, ExchangeStream } from "../incoming/index.ts";
import type { RecordedAnswer } from "./recorded-answer.ts";

/**
 * What became of a copy. `answered`: its answer is whole. `cut`: its answer began, and was longer than anybody waits for or
 * wants. `failed`: the program did not answer. `withdrawn`: the agent took it back.
 */
export type CopyEnd =
  | { readonly how: "answered" | "cut" }
  | {
      readonly how: "failed" | "withdrawn";
      readonly code: ResetCode;
      readonly text: string;
      /** Whether the program may have had it. */
      readonly isDelivered: boolean;
    };

export interface CopyLimits {
  /** How long an answer may take once its request is whole. */
  readonly answerTimeoutMs: number;
  /** How much of an answer is read. */
  readonly answerBytes: number;
}

/**
 * Stands between the tunnel stream of a copy and its delivery. The request passes; of the answer the agent only hears that
 * there was one. What the program answers is watched by `recorded`, never kept waiting, and goes nowhere.
 *
 * States: delivering → over. END of a copy says that the request is whole: the program is told only where another protocol
 * may follow, since to it the end of a connection means that nobody waits for the answer.
 */
export class CopyDelivery implements ExchangeStream, ExchangeEvents {
  readonly #stream: ExchangeStream;
  readonly #tellsEnd: boolean;
  readonly #limits: CopyLimits;
  readonly #recorded: RecordedAnswer | undefined;
  readonly #onOver: (end: CopyEnd) => void;
  readonly #inner: ExchangeEvents;
  #isDelivered = false;
  #hasAnswer = false;
  #answerBytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;
  /** The program gets no more of the request. */
  #isCut = false;

  constructor(parts: {
    stream: ExchangeStream;
    /** Whether the end of the request is told in itself, and by no FIN. */
    tellsEnd: boolean;
    limits: CopyLimits;
    recorded: RecordedAnswer | undefined;
    deliver: (stream: ExchangeStream) => ExchangeEvents;
    onOver: (end: CopyEnd) => void;
  }) {
    this.#stream = parts.stream;
    this.#tellsEnd = parts.tellsEnd;
    this.#limits = parts.limits;
    this.#recorded = parts.recorded;
    this.#onOver = parts.onOver;
    this.#inner = parts.deliver(this);
  }

  // --- from the tunnel ---

  onHead(payload: Buffer): void {
    if (!this.#isCut) this.#inner.onHead(payload);
  }

  onData(chunk: Buffer): void {
    if (this.#isCut) this.#stream.consumed(chunk.length);
    else this.#inner.onData(chunk);
  }

  onEnd(): void {
    if (this.#tellsEnd && !this.#isCut) this.#inner.onEnd();
    if (!this.#isOver) this.#timer = setTimeout(() => this.#tooLong(), this.#limits.answerTimeoutMs).unref();
  }

  onReset(code: ResetCode, text: string): void {
    if (this.#over({ how: "withdrawn", code, text, isDelivered: this.#isDelivered }))
      this.#recorded?.lost(text || code);
    this.#inner.onReset(code, text);
  }

  onDrain(): void {
    this.#inner.onDrain();
  }

  // --- from the delivery ---

  sendHead(payload: Buffer): void {
    if (this.#isOver) return;
    this.#delivered();
    const head = decodeClientHead(payload);
    if (head.kind === "response") {
      this.#hasAnswer = true;
      this.#recorded?.head(head.bytes);
    } else if (head.kind === "trailers") this.#recorded?.trailers(head.bytes);
  }

  write(chunk: Buffer): boolean {
    if (this.#isOver) return true;
    this.#hasAnswer = true;
    this.#answerBytes += chunk.length;
    this.#recorded?.data(chunk);
    if (this.#answerBytes > this.#limits.answerBytes)
      this.#cut(`it is larger than ${this.#limits.answerBytes} bytes`);
    return true;
  }

  end(): void {
    this.#recorded?.complete();
    if (this.#over({ how: "answered" })) this.#stream.end();
  }

  reset(code: ResetCode, text = ""): void {
    this.#recorded?.lost(text || code);
    if (this.#over({ how: "failed", code, text, isDelivered: this.#isDelivered }))
      this.#stream.reset(code, text);
    this.#isCut = true;
  }

  consumed(bytes: number): void {
    this.#stream.consumed(bytes);
  }

  #delivered(): void {
    if (this.#isDelivered) return;
    this.#isDelivered = true;
    this.#stream.sendHead(encodeStreamHead("accepted"));
  }

  #tooLong(): void {
    const text = `it took longer than ${this.#limits.answerTimeoutMs} ms`;
    if (this.#hasAnswer) return this.#cut(text);
    this.#isCut = true;
    this.#inner.onReset("cancelled", text);
    this.reset("local-timeout", text);
  }

  /** The answer has begun, so that the copy was delivered: nobody needs the rest. */
  #cut(text: string): void {
    this.#recorded?.lost(text);
    if (!this.#over({ how: "cut" })) return;
    this.#isCut = true;
    this.#stream.end();
    this.#inner.onReset("cancelled", text);
  }

  #over(end: CopyEnd): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#onOver(end);
    return true;
  }
}
