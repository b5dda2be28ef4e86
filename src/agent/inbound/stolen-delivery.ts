import { decodeClientHead, ProtocolError, type ResetCode, type StreamHead } from "../../protocol/index.ts";
import type { StreamEvents, TunnelStream } from "../../tunnel/index.ts";
import type { Subscription } from "../routing/index.ts";
import type { Recording } from "../trace/index.ts";
import { mayGoElsewhere } from "./delivery-failure.ts";
import type { Link } from "./link.ts";
import { type Offer, offerTo } from "./offer.ts";

/**
 * Where a stolen request is, in either version of HTTP.
 *
 * | state       | holds                                                                                    | leaves to           |
 * |-------------|------------------------------------------------------------------------------------------|---------------------|
 * | `offered`   | nothing is known to be delivered; the request is kept, so that the app can still have it | `accepted`, `over`  |
 * | `accepted`  | the local process may have bytes of the request; a failure is told to the caller         | `answering`, `upgraded`, `over` |
 * | `answering` | the final head is on its way; a failure must not look like the answer's end              | `over`              |
 * | `upgraded`  | 101, or 2xx to CONNECT: bytes both ways                                                  | `over`              |
 * | `over`      | nothing more is read or written for it                                                   |                     |
 */
export type DeliveryState = "offered" | "accepted" | "answering" | "upgraded" | "over";

/** What every stolen request is made of. */
export interface DeliveryOptions {
  readonly link: Link;
  readonly subscription: Subscription;
  readonly recording: Recording | undefined;
  readonly requestId: string;
}

/**
 * A request that a session is asked to answer: who may have it, and what a failure means for it. How its bytes and its
 * answer's look is left to the version of HTTP.
 */
export abstract class StolenDelivery implements StreamEvents {
  protected readonly link: Link;
  protected readonly subscription: Subscription;
  protected readonly recording: Recording | undefined;
  /** Of the answer, as the trace tells it; 502 when the agent answered itself. */
  protected status: number | null = null;
  protected stream: TunnelStream | undefined;
  readonly #requestId: string;
  #state: DeliveryState = "offered";

  constructor(options: DeliveryOptions) {
    this.link = options.link;
    this.subscription = options.subscription;
    this.recording = options.recording;
    this.#requestId = options.requestId;
  }

  get state(): DeliveryState {
    return this.#state;
  }

  /** Gives false when the session is over. */
  protected offer(offer: Omit<Offer, "requestId">): boolean {
    this.stream = offerTo(this.subscription, this.link, { ...offer, requestId: this.#requestId }, this);
    return this.stream !== undefined;
  }

  onHead(payload: Buffer): void {
    if (this.#state === "over") return;
    let head: StreamHead;
    try {
      head = decodeClientHead(payload);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      return this.fail("protocol-error", error.message);
    }
    if (head.kind === "accepted") this.accept();
    else if (head.kind === "trailers") this.onTrailers(head.bytes);
    else if (this.#state === "answering" || this.#state === "upgraded")
      this.fail("protocol-error", "a second response");
    else this.onAnswer(head.bytes, head.kind === "informational");
  }

  abstract onData(chunk: Buffer): void;
  abstract onEnd(): void;
  abstract onDrain(): void;

  onReset(code: ResetCode, text: string): void {
    if (this.#state === "over") return;
    this.link.counts.failed(code);
    const { onLocalFailure } = this.subscription;
    if (this.#state === "offered" && mayGoElsewhere(code, { method: this.method, onLocalFailure }))
      this.goElsewhere(code, text);
    else this.fail(code, text);
  }

  /** Of the request; case kept. */
  protected abstract get method(): string;
  /** The local process may have bytes of the request from now on: it is kept no longer. */
  protected abstract onAccepted(): void;
  protected abstract onAnswer(bytes: Buffer, isInformational: boolean): void;
  protected abstract onTrailers(bytes: Buffer): void;
  /** Nothing was delivered: the app may have it. */
  protected abstract goElsewhere(code: ResetCode, text: string): void;
  /** The failure table of ARCHITECTURE.md, from its second row on. */
  protected abstract fail(code: ResetCode, text: string): void;

  /** An answer says so, too: it has begun where the session did not bother to say `accepted`. */
  protected accept(): void {
    if (this.#state !== "offered") return;
    this.#state = "accepted";
    this.subscription.allowance?.take();
    this.onAccepted();
  }

  protected answering(status: number): void {
    this.status = status;
    this.recording?.answered(status);
    this.#state = "answering";
  }

  /** The trace has said all there is to say: such a thing may last for days. */
  protected upgraded(status: number): void {
    this.status = status;
    this.recording?.answered(status);
    this.#state = "upgraded";
    this.recording?.finish(status);
  }

  /** Ends it. The owner's word for `failure`, where there is one. */
  protected conclude(failure?: string): void {
    this.stop();
    if (failure !== undefined) this.noteFailure(failure);
    this.recording?.finish(this.status);
  }

  /** No more is read or written but what says so to the caller; {@link conclude} follows. */
  protected stop(): void {
    if (this.#state === "offered" && this.stream !== undefined) this.subscription.allowance?.giveBack();
    this.#state = "over";
  }

  protected noteFailure(failure: string): void {
    if (this.recording !== undefined) this.recording.failure = failure;
  }

  /** The app has it now. */
  protected noteOriginal(): void {
    if (this.recording !== undefined) this.recording.verdict = "original";
  }

  /** Tells the session that its stream is of no use any more; one that is gone cannot be told. */
  protected dismiss(code: ResetCode, text: string): void {
    this.stream?.reset(code === "session-closed" ? "cancelled" : code, text);
  }
}

/** A failure as the trace tells it. */
export function failureNote(code: ResetCode, text: string): string {
  return text === "" ? code : `${code}: ${text}`;
}
