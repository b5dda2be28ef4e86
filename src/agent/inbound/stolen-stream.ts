import { decodeClientHead, isUntouched, ProtocolError, type ResetCode } from "../../protocol/index.ts";
import type { StreamEvents, TunnelStream } from "../../tunnel/index.ts";
import type { Subscription } from "../routing/index.ts";
import type { Recording } from "../trace/index.ts";
import { type Link, Pause } from "./link.ts";
import { offerTo } from "./offer.ts";
import { type SlowAnswer, UnreadAnswers, UnreadPlace } from "./unread-answers.ts";

/** What the client said before the offer is taken is kept for the app; more is not read meanwhile. */
const MAX_REPLAY_BYTES = 256 * 1024;
const NO_HEAD = Buffer.alloc(0);

/**
 * A connection that a session takes as it is, bytes both ways: anything but HTTP on a port that is stolen without a
 * filter.
 *
 * `offered` → `open` once the session has reached its local process → `over`. An offer that nobody takes goes to the
 * app with everything the client has said so far.
 */
export class StolenStream implements StreamEvents, SlowAnswer {
  readonly unread = new UnreadPlace();
  readonly #link: Link;
  readonly #subscription: Subscription;
  readonly #recording: Recording | undefined;
  readonly #onOriginal: (said: readonly Buffer[]) => void;
  #state: "offered" | "open" | "over" = "offered";
  #stream: TunnelStream | undefined;
  #said: Buffer[] = [];
  #saidBytes = 0;
  #isStreamSlow = false;
  /** The session has sent its last byte. */
  #isAnswerEnded = false;
  #uncreditedBytes = 0;
  readonly #unreadOfSession: UnreadAnswers;

  constructor(options: {
    link: Link;
    subscription: Subscription;
    recording: Recording | undefined;
    /** Nothing was delivered: the app shall have the connection, and these bytes first. */
    onOriginal: (said: readonly Buffer[]) => void;
  }) {
    this.#link = options.link;
    this.#subscription = options.subscription;
    this.#recording = options.recording;
    this.#onOriginal = options.onOriginal;
    this.#unreadOfSession = UnreadAnswers.of(options.subscription.holder);
  }

  /** Offers the connection. Gives false when the session is over. */
  begin(requestId: string): boolean {
    const offer = { kind: "tcp", requestId, head: NO_HEAD } as const;
    this.#stream = offerTo(this.#subscription, this.#link, offer, this);
    return this.#stream !== undefined;
  }

  /** Takes bytes of the client, which nobody changes any more. */
  clientBytes(bytes: Buffer): void {
    if (this.#state === "over") return;
    if (this.#recording !== undefined) this.#recording.bytesIn += bytes.length;
    if (this.#state === "offered") {
      this.#said.push(bytes);
      this.#saidBytes += bytes.length;
      if (this.#saidBytes >= MAX_REPLAY_BYTES) this.#link.pauseClient(Pause.session);
    }
    if (this.#stream?.write(bytes) === false) {
      this.#isStreamSlow = true;
      this.#link.pauseClient(Pause.session);
    }
  }

  clientEnded(): void {
    if (this.#state !== "over") this.#stream?.end();
  }

  clientDrained(): void {
    const bytes = this.#uncreditedBytes;
    this.#uncreditedBytes = 0;
    this.#unreadOfSession.taken(this, bytes);
    if (bytes > 0) this.#stream?.consumed(bytes);
  }

  abandon(why: string): void {
    this.#stream?.reset("cancelled", why);
    this.onReset("cancelled", why);
  }

  clientGone(): void {
    if (this.#state === "over") return;
    this.#over();
    this.#stream?.reset("cancelled", "the caller is gone");
    this.#recording?.finish(null);
  }

  onHead(payload: Buffer): void {
    try {
      if (decodeClientHead(payload).kind === "accepted") this.#open();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#stream?.reset("protocol-error", error.message);
      this.onReset("protocol-error", error.message);
    }
  }

  onData(chunk: Buffer): void {
    if (this.#state === "over") return;
    if (this.#recording !== undefined) this.#recording.bytesOut += chunk.length;
    this.#open();
    if (this.#link.client.write(chunk)) return this.#stream?.consumed(chunk.length);
    this.#uncreditedBytes += chunk.length;
    this.#unreadOfSession.add(this, chunk.length);
  }

  onEnd(): void {
    if (this.#state === "over") return;
    this.#isAnswerEnded = true;
    this.#link.client.end();
  }

  onReset(code: ResetCode, text: string): void {
    if (this.#state === "over") return;
    this.#link.counts.failed(code);
    const maySayAgain = this.#state === "offered" && isUntouched(code);
    this.#over();
    if (this.#recording !== undefined) this.#recording.failure = text === "" ? code : `${code}: ${text}`;
    this.#link.resumeClient(Pause.session);
    if (maySayAgain && (code === "over-bound" || this.#subscription.onLocalFailure === "original")) {
      if (this.#recording !== undefined) this.#recording.verdict = "original";
      this.#recording?.finish(null);
      return this.#onOriginal(this.#said);
    }
    this.#recording?.finish(null);
    // The caller has all there is: a session that goes then takes nothing from it.
    if (this.#isAnswerEnded) this.#link.endClient();
    else this.#link.reset();
  }

  onDrain(): void {
    this.#isStreamSlow = false;
    if (this.#saidBytes < MAX_REPLAY_BYTES) this.#link.resumeClient(Pause.session);
  }

  #over(): void {
    if (this.#state === "offered") this.#subscription.allowance?.giveBack();
    this.#state = "over";
    this.#unreadOfSession.forget(this);
  }

  #open(): void {
    if (this.#state !== "offered") return;
    this.#state = "open";
    this.#subscription.allowance?.take();
    this.#said = [];
    this.#saidBytes = 0;
    if (!this.#isStreamSlow) this.#link.resumeClient(Pause.session);
  }
}
