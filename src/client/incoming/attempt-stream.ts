import { decodeClientHead, type ResetCode } from "../../protocol/index.ts";
import type { ExchangeStream } from "./exchange-stream.ts";

/** What earlier attempts at the same stream have said already. */
export interface AttemptLedger {
  isAccepted: boolean;
  /** Credit that was given back: the same bytes are counted again by the next attempt. */
  givenBackBytes: number;
}

/**
 * The tunnel stream as one attempt at a delivery sees it. Several of them in turn look like one to the agent: the request
 * is accepted once, and the credit of bytes that are sent again is given back once.
 */
export class AttemptStream implements ExchangeStream {
  readonly #stream: ExchangeStream;
  readonly #ledger: AttemptLedger;
  readonly #onAnswer: () => void;
  #skipBytes: number;
  #isOver = false;

  /** `onAnswer` is called before the first head of an answer goes out. */
  constructor(stream: ExchangeStream, about: { ledger: AttemptLedger; onAnswer: () => void }) {
    this.#stream = stream;
    this.#ledger = about.ledger;
    this.#onAnswer = about.onAnswer;
    this.#skipBytes = about.ledger.givenBackBytes;
  }

  /** Another attempt has taken over: what this one still says goes nowhere. */
  detach(): void {
    this.#isOver = true;
  }

  sendHead(payload: Buffer): void {
    if (this.#isOver) return;
    if (decodeClientHead(payload).kind !== "accepted") this.#onAnswer();
    else if (this.#ledger.isAccepted) return;
    this.#ledger.isAccepted = true;
    this.#stream.sendHead(payload);
  }

  write(chunk: Buffer): boolean {
    return this.#isOver || this.#stream.write(chunk);
  }

  end(): void {
    if (!this.#isOver) this.#stream.end();
  }

  reset(code: ResetCode, text?: string): void {
    if (!this.#isOver) this.#stream.reset(code, text);
  }

  consumed(bytes: number): void {
    if (this.#isOver) return;
    const skipped = Math.min(bytes, this.#skipBytes);
    this.#skipBytes -= skipped;
    this.#ledger.givenBackBytes += bytes - skipped;
    if (bytes > skipped) this.#stream.consumed(bytes - skipped);
  }
}
