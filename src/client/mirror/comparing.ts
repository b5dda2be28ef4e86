import {
  compareAnswers,
  type ComparedRequest,
  type Comparison,
  ComparisonSummary,
  NoiseLearner,
  type SummaryReport,
} from "../compare/index.ts";
import type { AnsweredPair } from "./pairs.ts";
import { type AskOriginal, NoiseQueue } from "./noise-queue.ts";
import type { ComparePlan } from "./mirror-plan.ts";

/** One exchange whose answers were compared. */
export interface ComparedExchange {
  readonly request: ComparedRequest;
  readonly comparison: Comparison;
}

/**
 * Compares the answers of pairs, learns what is noise, and sums up.
 *
 * A pair that differs is held back while the app can be asked whether its own answers differ in the same places; then it is
 * compared once more. What is said of a pair is said once.
 */
export class Comparing {
  readonly #plan: ComparePlan;
  readonly #learner = new NoiseLearner();
  readonly #summary = new ComparisonSummary();
  readonly #queue: NoiseQueue | undefined;
  readonly #onCompared: (exchange: ComparedExchange) => void;
  #isUnanswered = false;

  constructor(options: {
    plan: ComparePlan;
    /** Undefined when it may not be asked. */
    ask: AskOriginal | undefined;
    onCompared: (exchange: ComparedExchange) => void;
  }) {
    const { ask, plan } = options;
    this.#plan = plan;
    this.#onCompared = options.onCompared;
    if (ask !== undefined && plan.learns)
      this.#queue = new NoiseQueue({
        ask,
        learn: (pair, second) => {
          const { original: first } = pair;
          this.#learner.learn({ request: requestOf(pair), first, second });
        },
        differs: (pair) => this.#compare(pair).verdict === "differs",
        onSettled: (pair) => this.#tell(pair, this.#compare(pair)),
      });
  }

  take(pair: AnsweredPair): void {
    const comparison = this.#compare(pair);
    if (comparison.verdict === "differs" && this.#queue?.take(pair) === true) return;
    this.#tell(pair, comparison);
  }

  /** Resolves when every pair has been told; rejects with the signal's reason. */
  async settled(options: { signal: AbortSignal }): Promise<void> {
    await this.#queue?.settled(options);
  }

  /** Tells pairs that are held back as they stand. */
  flush(): void {
    this.#queue?.flush();
  }

  report(): SummaryReport {
    return this.#summary.report();
  }

  /** Whether the local program failed to answer, or to end its answer, once or more. */
  get isUnanswered(): boolean {
    return this.#isUnanswered;
  }

  #compare(pair: AnsweredPair): Comparison {
    const { original, local } = pair;
    const request = requestOf(pair);
    const noise = this.#learner.noiseOf(request);
    return compareAnswers({ request, original, local, ignore: this.#plan.ignore, noise });
  }

  #tell(pair: AnsweredPair, comparison: Comparison): void {
    const exchange = { request: requestOf(pair), comparison };
    if (pair.local.end.how !== "complete") this.#isUnanswered = true;
    this.#summary.add(exchange);
    this.#onCompared(exchange);
  }
}

function requestOf({ request, opening }: AnsweredPair): ComparedRequest {
  return { method: request.method, target: request.target, id: opening.meta.requestId };
}
