import type { Standing } from "./count-test.ts";

/** What came of it: all conditions held, one did not, or nobody knows. */
export type Result = "held" | "not-held" | "unsure";

/** Whether to go on. */
export type Step =
  | { readonly do: "wait"; readonly untilMs: number }
  /** What is known is to be made sure of, then judged. */
  | { readonly do: "judge"; readonly why: "settled" | "broken" | "held-long-enough" | "time-is-over" };

/** How long one is to look. */
export interface CourseTimes {
  /** From the begin to the deadline. */
  readonly withinMs: number;
  /** How long conditions that may break must hold in a row; null: until the deadline. */
  readonly forMs: number | null;
}

/**
 * When to stop: at once when all conditions hold for ever or one is broken for ever; else at the deadline. With `forMs`, as soon
 * as all have held so long in a row; those that hold at the deadline are given the rest of that time.
 */
export class Course {
  readonly #times: CourseTimes;
  readonly #beganMs: number;
  #holdsSinceMs: number | undefined;

  /** @param nowMs by any clock that does not go back, the same one as for `step` */
  constructor(times: CourseTimes, nowMs: number) {
    this.#times = times;
    this.#beganMs = nowMs;
  }

  step(standings: readonly Standing[], nowMs: number): Step {
    if (standings.includes("broken")) return { do: "judge", why: "broken" };
    if (standings.every((one) => one === "certain") && (this.#times.forMs ?? 0) === 0)
      return { do: "judge", why: "settled" };
    const deadlineMs = this.#beganMs + this.#times.withinMs;
    const { forMs } = this.#times;
    if (forMs !== null) {
      const holds = standings.every((one) => one === "certain" || one === "holding");
      this.#holdsSinceMs = holds ? (this.#holdsSinceMs ?? nowMs) : undefined;
      if (this.#holdsSinceMs !== undefined) {
        const untilMs = this.#holdsSinceMs + forMs;
        return nowMs >= untilMs ? { do: "judge", why: "held-long-enough" } : { do: "wait", untilMs };
      }
    }
    if (nowMs >= deadlineMs) return { do: "judge", why: "time-is-over" };
    return { do: "wait", untilMs: deadlineMs };
  }
}

/** What came of one condition when nothing more is waited for. */
export function resultOf(standing: Standing): Result {
  if (standing === "unsure") return "unsure";
  return standing === "certain" || standing === "holding" ? "held" : "not-held";
}

/** What came of all: one that did not hold decides, whatever else is unsure. */
export function resultOfAll(standings: readonly Standing[]): Result {
  const results = standings.map(resultOf);
  if (results.includes("not-held")) return "not-held";
  return results.includes("unsure") ? "unsure" : "held";
}
