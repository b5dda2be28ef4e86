import {
  cutText,
  decodeClientHead,
  encodeStreamHead,
  type OpeningMeta,
  ProtocolError,
  type ResetCode,
} from "../../../protocol/index.ts";
import type { StreamEvents, TunnelStream } from "../../../tunnel/index.ts";
import type { Mirror, Subscription } from "../../routing/index.ts";
import type { Link } from "../link.ts";
import { type Offer, offerTo } from "../offer.ts";
import { type CopyFact, NOT_COPIED } from "./copy-fact.ts";
import { CopyRoom, type Roomer } from "./copy-room.ts";

/** What of one copy may wait for its session: a request of this size is always copied to a session that is idle. */
const MAX_COPY_BYTES = 2 * 1024 * 1024;
const TOO_SLOW = "the session takes copies more slowly than they come";
const NOBODY = "the session is over, or may have no more";
/** Of what a session says about a copy: it is kept with the request, for as long as that is remembered. */
const MAX_FAILURE_LENGTH = 100;
const dropsOf = { request: "dropped", answer: "answersDropped" } as const;

/**
 * A copy of one request or one answer on its way to one session. It never waits: what the session does not take in time
 * is given up.
 *
 * | state   | means                                                                | leaves to        |
 * |---------|----------------------------------------------------------------------|------------------|
 * | `open`  | what is said of the exchange is said here, too                        | `whole`, `over`  |
 * | `whole` | all was said; whether it was delivered is the session's to say        | `over`           |
 * | `over`  | what became of it is counted                                          |                  |
 */
export class Copy implements StreamEvents, Roomer {
  readonly subscription: Subscription;
  place = 0;
  countedBytes = 0;
  readonly #of: "request" | "answer";
  readonly #mirror: Mirror;
  readonly #room: CopyRoom;
  readonly #fact: CopyFact | undefined;
  #stream: TunnelStream | undefined;
  #state: "open" | "whole" | "over" = "open";
  /** The session has what it needs to be done with it. */
  #isDelivered: boolean;
  #isLeaving = false;

  private constructor(about: {
    subscription: Subscription;
    of: "request" | "answer";
    mirror: Mirror;
    fact: CopyFact | undefined;
  }) {
    this.subscription = about.subscription;
    this.#of = about.of;
    this.#mirror = about.mirror;
    this.#fact = about.fact;
    this.#room = CopyRoom.of(about.subscription.holder);
    // An answer is only read.
    this.#isDelivered = about.of === "answer";
  }

  /**
   * Whether the session can be given a copy now: undefined when it can; else why not, which is counted. To be asked before
   * anything is made for it.
   */
  static refusalOf({ holder, mirror }: Subscription, of: "request" | "answer"): "away" | "full" | undefined {
    const refusal = holder.isAway ? "away" : CopyRoom.of(holder).hasPlace() ? undefined : "full";
    if (refusal !== undefined) mirror?.drop(dropsOf[of], NOT_COPIED[refusal]);
    return refusal;
  }

  /** Begins a copy; gives undefined, and counts that, when its session is over. */
  static begin(
    subscription: Subscription,
    about: {
      readonly link: Link;
      readonly offer: Offer & { readonly copy: Exclude<OpeningMeta["copy"], "none"> };
      readonly fact?: CopyFact;
    },
  ): Copy | undefined {
    const { mirror } = subscription;
    const { link, offer, fact } = about;
    if (mirror === undefined) return undefined;
    const of = offer.copy === "answer" ? "answer" : "request";
    const copy = new Copy({ subscription, of, mirror, fact });
    const stream = offerTo(subscription, link, offer, copy);
    if (stream === undefined) {
      copy.#dropped(NOBODY);
      return undefined;
    }
    copy.#stream = stream;
    copy.#room.enter(copy);
    mirror.copied(offer.head.length);
    return copy;
  }

  /** It takes what else is said of the exchange. */
  get isOpen(): boolean {
    return this.#state === "open";
  }

  /** It was not given up: an answer to it is worth having. */
  get isGood(): boolean {
    return this.#state !== "over" || this.#isDelivered;
  }

  get waitingBytes(): number {
    return this.#stream?.queuedBytes ?? 0;
  }

  get isLeaving(): boolean {
    return this.#isLeaving;
  }

  /** Adds content, which nobody changes any more. */
  write(piece: Buffer): void {
    if (!this.#mayAdd(piece.length)) return;
    this.#stream?.write(piece);
    this.#added(piece.length);
  }

  trailers(bytes: Buffer): void {
    if (!this.#mayAdd(bytes.length)) return;
    this.#stream?.sendHead(encodeStreamHead("trailers", bytes));
    this.#added(bytes.length);
  }

  /** All is said. */
  end(): void {
    if (this.#state !== "open") return;
    this.#state = "whole";
    this.#stream?.end();
    this.#settle();
  }

  /** The exchange has ended before all was said. */
  cut(why: string): void {
    if (this.#state === "open") this.#giveUp("cancelled", why);
  }

  // --- what the session says ---

  onHead(payload: Buffer): void {
    try {
      decodeClientHead(payload);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#stream?.reset("protocol-error", error.message);
      return this.onReset("protocol-error", error.message);
    }
    this.#delivered();
  }

  /** What its program answers is nobody's. */
  onData(chunk: Buffer): void {
    this.#stream?.consumed(chunk.length);
  }

  onEnd(): void {
    this.#isLeaving = true;
    this.#delivered();
    if (this.#state !== "open") this.#room.leave(this);
  }

  onReset(code: ResetCode, text: string): void {
    this.#isLeaving = true;
    this.#room.leave(this);
    if (this.#state === "over") return;
    this.#state = "over";
    this.#isDelivered = false;
    if (this.#of === "answer") return;
    this.subscription.allowance?.giveBack();
    if (code === "session-closed") return this.#dropped(NOBODY);
    if (code === "over-bound") {
      this.#mirror.count("skipped");
      return this.#note("skipped: the session has had all that it wanted");
    }
    this.#mirror.count("failed");
    this.#note(text === "" ? `failed: ${code}` : `failed: ${code}: ${cutText(text, MAX_FAILURE_LENGTH)}`);
  }

  onDrain(): void {
    // Nothing waits for it: what does not fit is given up.
  }

  // --- the rest ---

  #mayAdd(bytes: number): boolean {
    if (this.#state !== "open") return false;
    if (this.waitingBytes + bytes <= MAX_COPY_BYTES && this.#room.hasRoomFor(bytes)) return true;
    this.#giveUp("flow-control", TOO_SLOW);
    return false;
  }

  #added(bytes: number): void {
    this.#room.recount(this);
    this.#mirror.copied(bytes);
  }

  #delivered(): void {
    this.#isDelivered = true;
    this.#settle();
  }

  #settle(): void {
    if (this.#state === "whole" && this.#isDelivered) {
      this.#state = "over";
      this.#sent();
    }
    if (this.#state !== "open" && this.#isLeaving) this.#room.leave(this);
  }

  #giveUp(code: "flow-control" | "cancelled", why: string): void {
    this.#state = "over";
    this.#isDelivered = false;
    this.#isLeaving = true;
    this.#stream?.reset(code, why);
    this.#room.leave(this);
    if (this.#of === "request") this.subscription.allowance?.giveBack();
    this.#dropped(why);
  }

  #sent(): void {
    if (this.#of === "answer") return;
    this.#note("sent");
    this.#mirror.count("sent");
    this.subscription.allowance?.take();
  }

  #dropped(why: string): void {
    this.#note(`dropped: ${why}`);
    this.#mirror.drop(dropsOf[this.#of], why);
  }

  #note(outcome: string): void {
    if (this.#fact !== undefined) this.#fact.outcome = outcome;
  }
}
