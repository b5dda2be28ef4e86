import type { ResetCode } from "../../protocol/index.ts";
import { type AttemptLedger, AttemptStream } from "./attempt-stream.ts";
import type { Exchange, ExchangeOutcome } from "./exchange.ts";
import type { ExchangeEvents, ExchangeStream } from "./exchange-stream.ts";

/** One way to deliver a request. What it must not say twice it says through the stream it is given. */
export type Attempt = Exchange & ExchangeEvents;
export type MakeAttempt = (stream: ExchangeStream, onOver: (outcome: ExchangeOutcome) => void) => Attempt;

/** A longer body is not kept for another attempt. */
const maxKeptBytes = 64 * 1024;
/** From HTTP/1.1 to HTTP/2 or back, and once more for a stream that was refused. */
const maxAttempts = 3;

/**
 * A stolen request until it is answered: what came of it is held until it may be delivered, and kept for a while, so that
 * it can be delivered another way when the program has provably done nothing with it.
 *
 * States: held → under way (→ under way …) → over. While it is held the stream's credit bounds it; then 64 KB do.
 */
export class Delivery implements Exchange, ExchangeEvents {
  readonly #stream: ExchangeStream;
  readonly #onOver: (outcome: ExchangeOutcome) => void;
  readonly #ledger: AttemptLedger = { isAccepted: false, givenBackBytes: 0 };
  /** What came, in order; undefined when it is kept no more. */
  #kept: ((events: ExchangeEvents) => void)[] | undefined = [];
  #keptBytes = 0;
  #attempts = 0;
  #attemptStream: AttemptStream | undefined;
  #attempt: Attempt | undefined;
  #hasAnswered = false;
  #isOver = false;

  constructor(parts: { stream: ExchangeStream; onOver: (outcome: ExchangeOutcome) => void }) {
    this.#stream = parts.stream;
    this.#onOver = parts.onOver;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Whether another attempt is possible: what came is all kept, and nothing of an answer has been sent. */
  get canRepeat(): boolean {
    return this.#kept !== undefined && this.#attempts < maxAttempts && !this.#isOver;
  }

  /**
   * The one before must leave without a word. Everything that came is given to the new one, in order. `onAnswer` is called
   * when it answers.
   */
  attempt(make: MakeAttempt, onAnswer?: () => void): void {
    if (this.#isOver || this.#kept === undefined) return;
    this.#attemptStream?.detach();
    this.#attempts++;
    const stream = new AttemptStream(this.#stream, {
      ledger: this.#ledger,
      onAnswer: () => {
        if (this.#hasAnswered) return;
        this.#hasAnswered = true;
        this.keepNoMore();
        onAnswer?.();
      },
    });
    this.#attemptStream = stream;
    const kept = [...this.#kept];
    const attempt = make(stream, (outcome) => this.#attemptOver(stream, outcome));
    if (this.#attemptStream !== stream || this.#isOver) return;
    this.#attempt = attempt;
    for (const tell of kept) if (this.#attempt === attempt) tell(attempt);
    if (this.#keptBytes > maxKeptBytes) this.keepNoMore();
  }

  /** The request can be delivered in one way only from now on. */
  keepNoMore(): void {
    this.#kept = undefined;
  }

  onHead(payload: Buffer): void {
    this.#tell((events) => events.onHead(payload), payload.length);
  }

  onData(chunk: Buffer): void {
    this.#tell((events) => events.onData(chunk), chunk.length);
  }

  onEnd(): void {
    this.#tell((events) => events.onEnd(), 0);
  }

  onReset(code: ResetCode, text: string): void {
    if (this.#attempt !== undefined) this.#attempt.onReset(code, text);
    else this.#over({ how: "reset-by-agent", code });
  }

  onDrain(): void {
    this.#attempt?.onDrain();
  }

  leave(): void {
    this.#attempt?.leave();
  }

  cancel(code: ResetCode, text: string): void {
    if (this.#attempt !== undefined) return this.#attempt.cancel(code, text);
    const told = code === "cancelled" ? "refused" : code;
    if (this.#over({ how: "failed", code: told, text })) this.#stream.reset(told, text);
  }

  #tell(tell: (events: ExchangeEvents) => void, bytes: number): void {
    if (this.#isOver) return;
    this.#keptBytes += bytes;
    this.#kept?.push(tell);
    if (this.#attempt === undefined) return;
    if (this.#keptBytes > maxKeptBytes) this.keepNoMore();
    tell(this.#attempt);
  }

  #attemptOver(stream: AttemptStream, outcome: ExchangeOutcome): void {
    if (this.#attemptStream === stream) this.#over(outcome);
  }

  #over(outcome: ExchangeOutcome): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    this.#kept = undefined;
    this.#onOver(outcome);
    return true;
  }
}
