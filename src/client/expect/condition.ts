import { type Filter, formatFilter } from "../../filters/index.ts";
import { type CountTest, countText } from "./count-test.ts";
import type { StatusTest } from "./status-test.ts";

/** What became of a request. */
export type Outcome =
  | { readonly kind: "any" | "stolen" | "passed" | "mirrored" | "failed" }
  /** A session by its id or name, or `app`. */
  | { readonly kind: "answered-by"; readonly who: string };

/** Something that is expected of the requests that pass a filter. */
export interface Condition {
  /** As it is written after `--expect`. */
  readonly text: string;
  readonly outcome: Outcome;
  /** Null is any. */
  readonly status: StatusTest | null;
  /** How many of them; `every`: each one of the outcome has such a status, and there is one at least. */
  readonly count: CountTest | "every";
  /** Null takes everything. */
  readonly filter: Filter | null;
}

/** Makes a condition. */
export function conditionOf(parts: Omit<Condition, "text">): Condition {
  return { ...parts, text: conditionText(parts) };
}

function conditionText({ outcome, status, count, filter }: Omit<Condition, "text">): string {
  const words = [
    ...(count === "every" ? ["every"] : []),
    outcomeText(outcome),
    ...(status === null ? [] : [`status ${status.text}`]),
    ...(count === "every" ? [] : [countText(count)]),
    ...(filter === null ? [] : [`where ${formatFilter(filter)}`]),
  ];
  return words.join(" ");
}

function outcomeText(outcome: Outcome): string {
  if (outcome.kind === "any") return "requests";
  return outcome.kind === "answered-by" ? `answered-by ${outcome.who}` : outcome.kind;
}
