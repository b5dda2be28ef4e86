import { encodeStreamHead } from "../../protocol/index.ts";
import type { ExchangeStream } from "./exchange-stream.ts";

/** An answer within this time spares the message that the program has the request. */
const acceptanceDelayMs = 20;

/**
 * Tells the agent that the program has the request, or may have: from then on nobody else may be asked. What may be done
 * twice can wait a moment for an answer that says so as well, and mostly does.
 */
export class Acceptance {
  readonly #stream: ExchangeStream;
  #timer: NodeJS.Timeout | undefined;

  constructor(stream: ExchangeStream) {
    this.#stream = stream;
  }

  /** To be called before the program gets its first byte. */
  tell({ canWait }: { canWait: boolean }): void {
    const tell = (): void => this.#stream.sendHead(encodeStreamHead("accepted"));
    if (canWait) this.#timer = setTimeout(tell, acceptanceDelayMs);
    else tell();
  }

  /** An answer has come, or the exchange is over. */
  settle(): void {
    clearTimeout(this.#timer);
  }
}
