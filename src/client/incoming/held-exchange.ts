import type { ResetCode } from "../../protocol/index.ts";
import type { ExchangeEvents } from "./exchange-stream.ts";

/**
 * Stands in for an exchange until it may begin, and then hands over what came meanwhile, in order.
 * What it holds is bounded by the stream's credit and its limits on heads, since it gives no credit back.
 */
export class HeldExchange implements ExchangeEvents {
  readonly #held: ((events: ExchangeEvents) => void)[] = [];
  #events: ExchangeEvents | undefined;
  #isReset = false;

  /** Whether the agent has given up meanwhile: then there is nothing to begin. */
  get isReset(): boolean {
    return this.#isReset;
  }

  /** From now on everything goes to `events`. */
  beginWith(events: ExchangeEvents): void {
    this.#events = events;
    for (const tell of this.#held.splice(0)) tell(events);
  }

  onHead(payload: Buffer): void {
    this.#tell((events) => events.onHead(payload));
  }

  onData(chunk: Buffer): void {
    this.#tell((events) => events.onData(chunk));
  }

  onEnd(): void {
    this.#tell((events) => events.onEnd());
  }

  onReset(code: ResetCode, text: string): void {
    this.#isReset = true;
    this.#tell((events) => events.onReset(code, text));
  }

  onDrain(): void {
    this.#tell((events) => events.onDrain());
  }

  #tell(tell: (events: ExchangeEvents) => void): void {
    if (this.#events === undefined) this.#held.push(tell);
    else tell(this.#events);
  }
}
