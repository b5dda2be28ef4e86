import type { Opening } from "../../protocol/index.ts";
import type { ExchangeEvents, ExchangeStream } from "./exchange-stream.ts";

/** An exchange that is about to be delivered, for who looks at it. */
export interface TappedExchange {
  /** As the agent knows it. */
  readonly stream: ExchangeStream;
  readonly opening: Opening;
  /** Delivers it, now or later, once; the delivery hears what the events that it gives are told. */
  readonly deliver: (stream: ExchangeStream) => ExchangeEvents;
}

/** Stands between the tunnel and deliveries while somebody looks at what passes. It passes on all that it sees. */
export interface ExchangeTap {
  /** Gives what hears the stream's events in place of the delivery. */
  exchange(tapped: TappedExchange): ExchangeEvents;
  /** Gives what looks at the app's answer to a request of which there is a copy; undefined when nobody wants it. */
  answer(opening: Opening): AnswerWatch | undefined;
}

/** Looks at an answer as it passes. */
export interface AnswerWatch {
  data(chunk: Buffer): void;
  trailers(bytes: Buffer): void;
  complete(): void;
  /** The rest does not come; `reason` is for people. */
  lost(reason: string): void;
}

/** Whether somebody looks, asked anew for each exchange; what is under way already stays unseen. */
export interface TapPlace {
  readonly tap: ExchangeTap | undefined;
}
