import { EventEmitter, once } from "node:events";
import {
  decodeOpening,
  type Opening,
  type OpeningMeta,
  ProtocolError,
  type ResetCode,
} from "../../protocol/index.ts";
import type { AnswerWatch, ExchangeEvents, ExchangeStream, Incoming, TapPlace } from "../incoming/index.ts";
import type { StreamReceiver } from "../running/index.ts";
import { markedHead, readCopiedRequest } from "./copied-request.ts";
import { CopyDelivery, type CopyEnd } from "./copy-delivery.ts";
import type { Comparing } from "./comparing.ts";
import { OriginalAnswer } from "./original-answer.ts";
import { Pairs } from "./pairs.ts";
import type { RecordedAnswer } from "./recorded-answer.ts";
import { WaitingCopy } from "./waiting-copy.ts";

/** Copies that are delivered at once. The local program is a developer's: more would only wait in it. */
export const maxCopies = 256;
/**
 * Copies that wait for one of these places. More than 1,024 the agent does not have under way for a session, so that it is the
 * agent that drops what a program which hangs cannot take, at the cost of a look, and nothing is sent here to be refused.
 */
export const maxWaiting = 1_024;
/** Connections beside them that may last: of other protocols than HTTP, or that may switch to one. */
export const maxConnections = 1_024;
/** How much of one answer is read, to be thrown away or compared by its hash. */
const maxAnswerBytes = 256 * 1024 * 1024;

/** Takes pairs of answers; `Comparing` does. */
export type PairTaker = Pick<Comparing, "take" | "settled" | "flush">;

/**
 * Takes the copies that a mirror is sent: of requests, which are delivered, and of the app's answers, which are compared
 * with the local ones. Above 256 at once a copy waits, and one that may last as long as its caller likes is refused above 1,024.
 */
export class CopyReceiver implements StreamReceiver {
  readonly #incoming: Incoming;
  readonly #answerTimeoutMs: number;
  readonly #comparing: PairTaker | undefined;
  readonly #pairs: Pairs | undefined;
  readonly #tapPlace: TapPlace | undefined;
  readonly #onEnd: (end: CopyEnd) => void;
  readonly #mayTake: () => boolean;
  readonly #onUnfinished: (count: number) => void;
  readonly #onStolen: () => void;
  readonly #changes = new EventEmitter();
  readonly #underWay = { copies: 0, connections: 0 };
  readonly #waiting = new Set<WaitingCopy>();

  constructor(options: {
    incoming: Incoming;
    answerTimeoutMs: number;
    /** Undefined when answers are only thrown away. */
    comparing: PairTaker | undefined;
    onEnd: (end: CopyEnd) => void;
    /** Whether there may be one more copy now, where several sessions share a rate. */
    mayTake?: (() => boolean) | undefined;
    /** Where somebody may look at the app's answers. */
    tapPlace?: TapPlace | undefined;
    /** So many pairs were given up at the end, since an answer was missing. */
    onUnfinished: (count: number) => void;
    /** A request cannot be compared, since another session answers it. */
    onStolen: () => void;
  }) {
    const { comparing, answerTimeoutMs } = options;
    this.#incoming = options.incoming;
    this.#answerTimeoutMs = answerTimeoutMs;
    this.#comparing = comparing;
    this.#tapPlace = options.tapPlace;
    this.#onEnd = options.onEnd;
    this.#mayTake = options.mayTake ?? (() => true);
    this.#onUnfinished = options.onUnfinished;
    this.#onStolen = options.onStolen;
    if (comparing !== undefined)
      this.#pairs = new Pairs({
        waitMs: answerTimeoutMs,
        onPair: (pair) => comparing.take(pair),
        onGone: () => this.#changes.emit("over"),
      });
  }

  /** Copies that are delivered, and answers that are waited for. */
  get count(): number {
    const { copies, connections } = this.#underWay;
    return copies + connections + this.#waiting.size + (this.#pairs?.count ?? 0);
  }

  open(stream: ExchangeStream, payload: Buffer): ExchangeEvents {
    try {
      const opening = decodeOpening(payload);
      if (opening.meta.copy === "answer") return this.#answer(stream, opening);
      if (opening.meta.copy !== "none") return this.#request(stream, opening);
      return refuse(stream, "refused", "this session takes copies only");
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      return refuse(stream, "protocol-error", error.message);
    }
  }

  /** Resolves when nothing is under way, comparing included; rejects with the signal's reason. */
  async settled(options: { signal: AbortSignal }): Promise<void> {
    while (this.count > 0) await once(this.#changes, "over", options);
    await this.#comparing?.settled(options);
  }

  leave(): void {
    this.#incoming.leave();
  }

  /** Ends every delivery. What is not answered by now is compared with nothing, and blamed on nobody. */
  close(): void {
    const unfinished = this.#pairs?.count ?? 0;
    this.#pairs?.close();
    if (unfinished > 0) this.#onUnfinished(unfinished);
    for (const waiting of this.#waiting) waiting.cancel("the session ends");
    this.#waiting.clear();
    this.#incoming.close();
    this.#comparing?.flush();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #request(stream: ExchangeStream, opening: Opening): ExchangeEvents {
    const { meta } = opening;
    if (this.#incoming.isAtBound(meta.subscription))
      return refuse(stream, "over-bound", "the session has had all that it wanted");
    if (!this.#mayTake()) return refuse(stream, "over-bound", "beyond the rate of all members together");
    const request = readCopiedRequest(opening);
    const mayLast = request === undefined || request.mayUpgrade;
    const { copies, connections } = this.#underWay;
    if (mayLast && connections >= maxConnections) return this.#tooMany(stream, `${connections} connections`);
    const waits = !mayLast && copies >= maxCopies;
    if (waits && this.#waiting.size >= maxWaiting) return this.#tooMany(stream, `${copies} copies`);
    // The app's answer may come before this copy has its turn.
    const recorded: RecordedAnswer | undefined =
      request === undefined || meta.kind === "tcp" || !this.#hasOriginal(meta)
        ? undefined
        : this.#pairs?.begin({ request, opening, kind: meta.kind });
    const begin = () => this.#begin(stream, { opening, recorded, mayLast });
    if (!waits) return begin();
    const onWithdrawn = (copy: WaitingCopy): void => {
      if (this.#waiting.delete(copy)) this.#withdrawn(meta.requestId);
    };
    const waiting = new WaitingCopy({ stream, begin, onWithdrawn });
    this.#waiting.add(waiting);
    return waiting;
  }

  #tooMany(stream: ExchangeStream, what: string): ExchangeEvents {
    const text = `${what} are being delivered`;
    this.#onEnd({ how: "failed", code: "refused", text, isDelivered: false });
    return refuse(stream, "refused", text);
  }

  #withdrawn(requestId: string): void {
    this.#pairs?.withdraw(requestId);
    this.#changes.emit("over");
  }

  #begin(
    stream: ExchangeStream,
    about: { opening: Opening; recorded: RecordedAnswer | undefined; mayLast: boolean },
  ): ExchangeEvents {
    const { opening, recorded, mayLast } = about;
    const { meta } = opening;
    const what = mayLast ? "connections" : "copies";
    this.#underWay[what]++;
    return new CopyDelivery({
      stream,
      tellsEnd: meta.kind !== "http1" || mayLast,
      limits: { answerTimeoutMs: this.#answerTimeoutMs, answerBytes: maxAnswerBytes },
      recorded,
      deliver: (answer) => this.#incoming.deliver(answer, { meta, head: markedHead(opening) }),
      onOver: (end) => {
        this.#underWay[what]--;
        if (end.how === "withdrawn") this.#pairs?.withdraw(meta.requestId);
        this.#onEnd(end);
        if (!mayLast) this.#beginNext();
        this.#changes.emit("over");
      },
    });
  }

  /** Whoever has waited longest has the place that is free. */
  #beginNext(): void {
    for (const waiting of this.#waiting) {
      this.#waiting.delete(waiting);
      return waiting.begin();
    }
  }

  /** What another session answers cannot be compared with the app's answer. */
  #hasOriginal({ copy }: OpeningMeta): boolean {
    if (copy !== "stolen-request") return true;
    if (this.#pairs !== undefined) this.#onStolen();
    return false;
  }

  #answer(stream: ExchangeStream, opening: Opening): ExchangeEvents {
    const paired = this.#pairs?.original(opening.meta.requestId);
    paired?.head(opening.head);
    const watched = this.#tapPlace?.tap?.answer(opening);
    const recorded =
      paired === undefined || watched === undefined ? (paired ?? watched) : both(paired, watched);
    return new OriginalAnswer({ stream, recorded, maxBytes: maxAnswerBytes });
  }
}

function both(one: AnswerWatch, other: AnswerWatch): AnswerWatch {
  return {
    data: (chunk) => {
      one.data(chunk);
      other.data(chunk);
    },
    trailers: (bytes) => {
      one.trailers(bytes);
      other.trailers(bytes);
    },
    complete: () => {
      one.complete();
      other.complete();
    },
    lost: (reason) => {
      one.lost(reason);
      other.lost(reason);
    },
  };
}

function refuse(stream: ExchangeStream, code: ResetCode, text: string): ExchangeEvents {
  stream.reset(code, text);
  return { onHead: ignore, onData: ignore, onEnd: ignore, onReset: ignore, onDrain: ignore };
}

function ignore(): void {}
