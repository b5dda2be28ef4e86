import type { ResetCode } from "../../protocol/index.ts";
import { type ExchangeEvents, type ExchangeStream, HeldExchange } from "../incoming/index.ts";

/** A copy that has no place yet; what comes of it meanwhile is held. */
export class WaitingCopy extends HeldExchange {
  readonly #stream: ExchangeStream;
  readonly #begin: () => ExchangeEvents;
  readonly #onWithdrawn: (copy: WaitingCopy) => void;

  constructor(parts: {
    stream: ExchangeStream;
    begin: () => ExchangeEvents;
    /** The agent has taken it back; told of one that has begun, too. */
    onWithdrawn: (copy: WaitingCopy) => void;
  }) {
    super();
    this.#stream = parts.stream;
    this.#begin = parts.begin;
    this.#onWithdrawn = parts.onWithdrawn;
  }

  /** There is a place for it. */
  begin(): void {
    this.beginWith(this.#begin());
  }

  /** There will be none. */
  cancel(text: string): void {
    this.#stream.reset("cancelled", text);
  }

  override onReset(code: ResetCode, text: string): void {
    super.onReset(code, text);
    this.#onWithdrawn(this);
  }
}
