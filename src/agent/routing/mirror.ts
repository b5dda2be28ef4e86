import { TokenBucket } from "../../http/index.ts";
import type { CopyCounts, MirrorTerms } from "../../protocol/index.ts";

/** What happened to a copy, or instead of one; see `CopyCounts`. */
export type CopyOutcome = Exclude<keyof CopyCounts, "bytes">;

/** What a mirroring subscription wants copied, and what came of it so far. */
export class Mirror {
  readonly terms: MirrorTerms;
  readonly #rate: TokenBucket | undefined;
  readonly #random: () => number;
  readonly #onCounted: (outcome: CopyOutcome) => void;
  readonly #counts = { sent: 0, dropped: 0, failed: 0, skipped: 0, answersDropped: 0, bytes: 0 };
  #lastDrop: string | null = null;

  constructor(options: {
    terms: MirrorTerms;
    /** Told of every change of what {@link counts} gives: it must be cheap. */
    onCounted: (outcome: CopyOutcome) => void;
    /** From 0 up to 1, as `Math.random`. */
    random?: () => number;
  }) {
    const { terms, onCounted, random = Math.random } = options;
    this.terms = terms;
    this.#onCounted = onCounted;
    this.#random = random;
    if (terms.maxPerSecond === null) return;
    const rate = { perSecond: terms.maxPerSecond, burst: Math.max(1, terms.maxPerSecond) };
    this.#rate = new TokenBucket(rate, performance.now());
  }

  get counts(): CopyCounts {
    return this.#counts;
  }

  /** Why a copy was dropped last; null while none was. */
  get lastDrop(): string | null {
    return this.#lastDrop;
  }

  /** Whether an exchange that the filter matches is to be copied; one that is not is counted as skipped. */
  takes(): boolean {
    const isTaken =
      (this.terms.sample === 1 || this.#random() < this.terms.sample) &&
      (this.#rate === undefined || this.#rate.take(performance.now()));
    if (!isTaken) this.count("skipped");
    return isTaken;
  }

  count(outcome: CopyOutcome): void {
    this.#counts[outcome]++;
    this.#onCounted(outcome);
  }

  /** Counts a copy that was given up. */
  drop(outcome: "dropped" | "answersDropped", why: string): void {
    this.#lastDrop = why;
    this.count(outcome);
  }

  /** So many bytes more were copied; told with the copy's outcome. */
  copied(bytes: number): void {
    this.#counts.bytes += bytes;
  }
}
