import type { DifferenceList } from "./difference-list.ts";
import type { HidingRules } from "./hiding-rules.ts";
import type { Secrets } from "./secrets.ts";

/** What comparing a body works with, whatever its kind. */
export interface ComparingTools {
  readonly rules: HidingRules;
  readonly secrets: Secrets;
  readonly list: DifferenceList;
  /** Takes what is worth knowing and is no difference. */
  readonly note: (text: string) => void;
}

/** The two of anything. Named, since two values of one type are easily swapped. */
export interface Pair<T> {
  readonly original: T;
  readonly local: T;
}

/** The same for both. */
export function both<T, U>(pair: Pair<T>, make: (value: T, side: "original" | "local") => U): Pair<U> {
  return { original: make(pair.original, "original"), local: make(pair.local, "local") };
}
