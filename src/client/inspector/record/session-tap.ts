import type { Opening } from "../../../protocol/index.ts";
import {
  type AnswerWatch,
  type ExchangeEvents,
  type ExchangeTap,
  HeldExchange,
  type TappedExchange,
} from "../../incoming/index.ts";
import { memberRequestId } from "../../running/member-reporter.ts";
import type { HeldRequests } from "../hold/held-requests.ts";
import { AnswerRecorder, ExchangeRecorder, recordOpening } from "./exchange-recorder.ts";
import { RecordedAnswer } from "./recorded-request.ts";
import type { RequestStore } from "./request-store.ts";

/** Writes down all that one session delivers, and has requests wait where that is wanted. */
export class SessionTap implements ExchangeTap {
  readonly #store: RequestStore;
  readonly #held: HeldRequests;
  readonly #session: object;
  readonly #member: string | undefined;
  readonly #remoteOf: (subscription: number) => number | undefined;

  constructor(parts: {
    store: RequestStore;
    held: HeldRequests;
    session: object;
    member: string | undefined;
    /** The target's port of a subscription. */
    remoteOf: (subscription: number) => number | undefined;
  }) {
    this.#store = parts.store;
    this.#held = parts.held;
    this.#session = parts.session;
    this.#member = parts.member;
    this.#remoteOf = parts.remoteOf;
  }

  exchange({ stream, opening, deliver }: TappedExchange): ExchangeEvents {
    const { meta } = opening;
    const request = this.#store.begin({ source: "live", requestId: this.#requestId(opening) });
    const { row } = request;
    request.session = this.#session;
    row.port = this.#remoteOf(meta.subscription) ?? meta.port;
    row.member = this.#member ?? null;
    const isCopy = meta.copy !== "none";
    row.what = isCopy ? "mirrored" : "stolen";
    row.answeredBy = isCopy ? "the app" : "here";
    recordOpening(request, opening);
    const recorder = new ExchangeRecorder({ store: this.#store, request, stream, opening });
    if (isCopy || !this.#held.takes(request)) {
      request.deliveredMs = 0;
      this.#store.touch(request);
      recorder.use(deliver(recorder));
      return recorder;
    }
    const held = new HeldExchange();
    recorder.use(held);
    row.state = "held";
    request.heldMs = 0;
    recorder.onGone = () => this.#held.forget(request);
    this.#held.hold(request, () => {
      request.deliveredMs = performance.now() - request.startMs;
      row.state = "waiting";
      this.#store.touch(request);
      held.beginWith(deliver(recorder));
    });
    this.#store.touch(request);
    return recorder;
  }

  answer(opening: Opening): AnswerWatch | undefined {
    const request = this.#store.byRequestId(this.#requestId(opening));
    if (request === undefined || opening.meta.kind === "tcp") return undefined;
    const answer = new RecordedAnswer();
    request.answer = answer;
    const form = opening.meta.kind;
    const recorder = new AnswerRecorder({ store: this.#store, request, answer, form, isShown: true });
    recorder.head(opening.head);
    return recorder;
  }

  #requestId({ meta }: Opening): string {
    return this.#member === undefined ? meta.requestId : memberRequestId(this.#member, meta.requestId);
  }
}
