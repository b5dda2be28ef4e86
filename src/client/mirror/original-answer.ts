import { decodeAgentHead, ProtocolError, type ResetCode } from "../../protocol/index.ts";
import type { AnswerWatch, ExchangeEvents, ExchangeStream } from "../incoming/index.ts";

/** Reads the copy of an answer of the app, of which only the head has come with the stream; its reader is never slow. */
export class OriginalAnswer implements ExchangeEvents {
  readonly #stream: ExchangeStream;
  /** Undefined when nobody waits for it: then it is read and forgotten. */
  readonly #recorded: AnswerWatch | undefined;
  #leftBytes: number;

  constructor(parts: { stream: ExchangeStream; recorded: AnswerWatch | undefined; maxBytes: number }) {
    this.#stream = parts.stream;
    this.#recorded = parts.recorded;
    this.#leftBytes = parts.maxBytes;
  }

  onHead(payload: Buffer): void {
    try {
      this.#recorded?.trailers(decodeAgentHead(payload).bytes);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#giveUp("protocol-error", error.message);
    }
  }

  onData(chunk: Buffer): void {
    this.#recorded?.data(chunk);
    this.#stream.consumed(chunk.length);
    this.#leftBytes -= chunk.length;
    if (this.#leftBytes < 0) this.#giveUp("refused", "it is larger than what is compared");
  }

  onEnd(): void {
    this.#recorded?.complete();
    this.#stream.end();
  }

  onReset(code: ResetCode, text: string): void {
    this.#recorded?.lost(text || code);
  }

  onDrain(): void {}

  #giveUp(code: ResetCode, text: string): void {
    this.#recorded?.lost(text);
    this.#stream.reset(code, text);
  }
}
