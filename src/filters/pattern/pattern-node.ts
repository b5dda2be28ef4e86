/** What a pattern says, after its flags and escapes have been resolved. */
export type PatternNode =
  | { readonly kind: "empty" }
  /** One UTF-16 code unit. */
  | { readonly kind: "char"; readonly code: number; readonly ignoreCase: boolean }
  /** One code unit out of a set; the set is already closed over case. */
  | { readonly kind: "set"; readonly set: CharSet }
  | { readonly kind: "sequence"; readonly parts: readonly PatternNode[] }
  | { readonly kind: "choice"; readonly options: readonly PatternNode[] }
  /** `max` is Infinity for an open end. Greed does not exist: a filter asks whether, never where. */
  | { readonly kind: "repeat"; readonly part: PatternNode; readonly min: number; readonly max: number }
  | { readonly kind: "assertion"; readonly holds: Assertion };

/** What holds between two characters: the text begins, the text ends, a word begins or ends, none does. */
export type Assertion = "begin" | "end" | "word-edge" | "no-word-edge";

/** Sorted pairs of first and last code unit, neither touching nor overlapping. */
export type CharSet = readonly number[];
