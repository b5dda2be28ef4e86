import type { ResetCode } from "../../protocol/index.ts";
import type { ExchangeStream } from "./exchange-stream.ts";

/**
 * A tunnel stream that tells once when its delivery has said that the program has the exchange, or answers: from the same
 * moment on the agent counts it against the bound of its subscription, where it is still there to do so.
 */
export class CountedStream implements ExchangeStream {
  readonly #stream: ExchangeStream;
  #onTaken: (() => void) | undefined;

  constructor(stream: ExchangeStream, onTaken: () => void) {
    this.#stream = stream;
    this.#onTaken = onTaken;
  }

  sendHead(payload: Buffer): void {
    this.#taken();
    this.#stream.sendHead(payload);
  }

  write(chunk: Buffer): boolean {
    this.#taken();
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

  #taken(): void {
    const onTaken = this.#onTaken;
    this.#onTaken = undefined;
    onTaken?.();
  }
}
