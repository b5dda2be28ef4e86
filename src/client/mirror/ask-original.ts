import type { AskOriginal as AskOpening } from "../../protocol/index.ts";
import { decodeClientHead, type ResetCode } from "../../protocol/index.ts";
import type { StreamEvents, TunnelStream } from "../../tunnel/index.ts";
import type { Answer } from "../compare/index.ts";
import { Deliveries, type ExchangeStream } from "../incoming/index.ts";
import type { AskOriginal } from "./noise-queue.ts";
import type { AnsweredPair } from "./pairs.ts";
import { RecordedAnswer } from "./recorded-answer.ts";
import { TunnelSocket } from "./tunnel-socket.ts";

/** Opens a stream to the agent. */
export type OpenStream = (opening: AskOpening, events: StreamEvents) => TunnelStream;

/** More than what a pair keeps would only be hashed. */
const maxBytes = 64 * 1024 * 1024;

/**
 * Gives what asks the app a request once more, as it was sent, through a connection that the agent opens to it. The request
 * carries no mark: to the app it is the same as the one before.
 */
export function askOriginalVia(openStream: OpenStream): AskOriginal {
  return async (pair, { signal }) => {
    const { meta } = pair.opening;
    const deliveries = new Deliveries({
      protocol: meta.kind === "http2" ? "http2" : "http1",
      // Its certificate was checked when the caller came; here it is the agent that dials it.
      tls: meta.tls === null ? null : { ca: null },
      onSilence: () => undefined,
      socketFor: () =>
        new TunnelSocket((events) =>
          openStream(
            { kind: "ask-original", subscription: meta.subscription, original: meta.original },
            events,
          ),
        ),
    });
    try {
      const answer = await answerOf(deliveries, pair, signal);
      return answer.end.how === "complete" ? answer : undefined;
    } finally {
      deliveries.close();
    }
  };
}

function answerOf(deliveries: Deliveries, pair: AnsweredPair, signal: AbortSignal): Promise<Answer> {
  const { opening, request } = pair;
  const { kind, original } = opening.meta;
  return new Promise((resolve) => {
    const recorded = new RecordedAnswer({
      kind: kind === "http2" ? "http2" : "http1",
      method: request.method,
      now: () => performance.now(),
      onAnswer: resolve,
    });
    const stream = new AskedStream(recorded, () => delivery.cancel("cancelled", "it is too large"));
    const delivery = deliveries.begin({ stream, opening, local: original, onOver: () => undefined });
    if (kind === "http2") delivery.onEnd();
    const abort = (): void => delivery.cancel("cancelled", "nobody waits for it any more");
    signal.addEventListener("abort", abort, { once: true });
    if (signal.aborted) abort();
  });
}

/** Where the answer goes that was asked for. */
class AskedStream implements ExchangeStream {
  readonly #recorded: RecordedAnswer;
  readonly #onTooLarge: () => void;
  #leftBytes = maxBytes;

  constructor(recorded: RecordedAnswer, onTooLarge: () => void) {
    this.#recorded = recorded;
    this.#onTooLarge = onTooLarge;
  }

  sendHead(payload: Buffer): void {
    const head = decodeClientHead(payload);
    if (head.kind === "response") this.#recorded.head(head.bytes);
    else if (head.kind === "trailers") this.#recorded.trailers(head.bytes);
  }

  write(chunk: Buffer): boolean {
    this.#recorded.data(chunk);
    this.#leftBytes -= chunk.length;
    if (this.#leftBytes < 0) queueMicrotask(this.#onTooLarge);
    return true;
  }

  end(): void {
    this.#recorded.complete();
  }

  reset(code: ResetCode, text?: string): void {
    this.#recorded.lost(text ?? code);
  }

  consumed(): void {}
}
