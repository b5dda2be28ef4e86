import type { Opening } from "../../protocol/index.ts";
import type { Answer } from "../compare/index.ts";
import type { CopiedRequest } from "./copied-request.ts";
import type { HeadKind } from "./answer-heads.ts";
import { RecordedAnswer } from "./recorded-answer.ts";

/** A request that both have answered, each in its way; an answer may have broken off or never have come. */
export interface AnsweredPair {
  readonly request: CopiedRequest;
  /** As the app got it. */
  readonly opening: Opening;
  readonly original: Answer;
  readonly local: Answer;
}

interface Pair {
  readonly request: CopiedRequest;
  readonly opening: Opening;
  readonly kind: HeadKind;
  readonly startedMs: number;
  readonly captureBytes: number;
  readonly recorded: { original: RecordedAnswer | undefined; local: RecordedAnswer };
  original: Answer | undefined;
  local: Answer | undefined;
  timer: NodeJS.Timeout | undefined;
}

/** What waits at the same time; beyond it the oldest is given up. */
const maxPairs = 512;
/** While more than so many wait, less of their bodies is kept: what is beyond is compared by its hash. */
const fewPairs = 64;
/** How long an answer of the app is waited for that has not begun, when the local program has not answered. */
const lostWaitMs = 1_000;
const NOT_COPIED = "the agent mostly copies none where the copy of the request has failed";
const captureBytes = { few: 1_048_576, many: 65_536 } as const;

/**
 * Brings the two answers to one request together, by its id. A pair begins with the copy of its request and ends when both
 * answers are over, or `waitMs` after the first of them; after a second where the local one failed before the other began.
 *
 * Bounded: 512 pairs, and what they keep of bodies is below 200 MB together.
 */
export class Pairs {
  readonly #pairs = new Map<string, Pair>();
  readonly #waitMs: number;
  readonly #now: () => number;
  readonly #onPair: (pair: AnsweredPair) => void;
  readonly #onGone: () => void;

  constructor(options: {
    waitMs: number;
    now?: () => number;
    onPair: (pair: AnsweredPair) => void;
    /** A pair waits no more, complete or not. */
    onGone: () => void;
  }) {
    this.#waitMs = options.waitMs;
    this.#now = options.now ?? (() => performance.now());
    this.#onPair = options.onPair;
    this.#onGone = options.onGone;
  }

  /** How many wait. */
  get count(): number {
    return this.#pairs.size;
  }

  /** A copy is being delivered; gives what records the local answer. */
  begin(about: { request: CopiedRequest; opening: Opening; kind: HeadKind }): RecordedAnswer {
    const { opening, kind } = about;
    const { requestId } = opening.meta;
    const startedMs = this.#now();
    const bytes = this.#pairs.size > fewPairs ? captureBytes.many : captureBytes.few;
    const local = this.#record({ ...about, startedMs, captureBytes: bytes }, requestId, "local");
    this.withdraw(requestId);
    this.#pairs.set(requestId, {
      ...about,
      // The payload that the head is a view of may be large.
      opening: { meta: opening.meta, head: Buffer.from(opening.head) },
      kind,
      startedMs,
      captureBytes: bytes,
      recorded: { original: undefined, local },
      original: undefined,
      local: undefined,
      timer: undefined,
    });
    if (this.#pairs.size > maxPairs) this.#giveUpOldest();
    return local;
  }

  /** The app's answer to a request begins; gives what records it, or undefined when nobody waits for it. */
  original(requestId: string): RecordedAnswer | undefined {
    const pair = this.#pairs.get(requestId);
    if (pair === undefined || pair.recorded.original !== undefined) return undefined;
    pair.recorded.original = this.#record(pair, requestId, "original");
    if (pair.local !== undefined) this.#wait(requestId, pair);
    return pair.recorded.original;
  }

  /** The copy was not delivered, or not in full, which is no fault of the local program: there is nothing to compare. */
  withdraw(requestId: string): void {
    const pair = this.#pairs.get(requestId);
    if (pair === undefined) return;
    this.#pairs.delete(requestId);
    clearTimeout(pair.timer);
    this.#onGone();
  }

  /** Gives all of them up. */
  close(): void {
    for (const requestId of [...this.#pairs.keys()]) this.withdraw(requestId);
  }

  #record(
    about: { request: CopiedRequest; kind: HeadKind; startedMs: number; captureBytes: number },
    requestId: string,
    side: "original" | "local",
  ): RecordedAnswer {
    const { kind, startedMs, captureBytes } = about;
    return new RecordedAnswer({
      kind,
      method: about.request.method,
      captureBytes,
      startedMs,
      now: this.#now,
      onAnswer: (answer) => this.#answered(requestId, { side, answer }),
    });
  }

  #answered(requestId: string, { side, answer }: { side: "original" | "local"; answer: Answer }): void {
    const pair = this.#pairs.get(requestId);
    if (pair === undefined) return;
    pair[side] = answer;
    const { original, local } = pair;
    if (original === undefined || local === undefined) return this.#wait(requestId, pair);
    this.#pairs.delete(requestId);
    clearTimeout(pair.timer);
    const { request, opening } = pair;
    this.#onPair({ request, opening, original, local });
    this.#onGone();
  }

  /** Waits for the other answer, not long for one that is hardly to come. */
  #wait(requestId: string, pair: Pair): void {
    const { local, recorded } = pair;
    const isLost = local !== undefined && local.end.how !== "complete" && recorded.original === undefined;
    const waitMs = isLost ? Math.min(lostWaitMs, this.#waitMs) : this.#waitMs;
    clearTimeout(pair.timer);
    const reason = isLost ? NOT_COPIED : `no end within ${waitMs} ms`;
    pair.timer = setTimeout(() => this.#giveUp(requestId, reason), waitMs).unref();
  }

  /** What has not come is called lost, so that the pair is told with its reason. */
  #giveUp(requestId: string, reason: string): void {
    const pair = this.#pairs.get(requestId);
    if (pair === undefined) return;
    (pair.recorded.original ?? this.#record(pair, requestId, "original")).lost(reason);
    pair.recorded.local.lost(reason);
  }

  #giveUpOldest(): void {
    for (const requestId of this.#pairs.keys())
      return this.#giveUp(requestId, "too many requests were under way to wait for it");
  }
}
