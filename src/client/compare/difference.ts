import type { Place } from "./place.ts";

/**
 * `changed`: both have it, with different values. `only-in-original`, `only-in-local`: the other has nothing there,
 * which for JSON is not the same as null. `kind`: values of different kinds, such as a number and a string.
 */
export type DifferenceKind = "changed" | "kind" | "only-in-original" | "only-in-local";

/** Who hid a difference: a rule of the user, a documented default, or noise that was learned. */
export type HiddenBy = "rule" | "default" | "noise";

/** One place at which two answers are not the same. Values are short, printable, and masked where they are secret. */
export interface Difference {
  readonly kind: DifferenceKind;
  /** In the original's answer; in the local one for what only that has. */
  readonly place: Place;
  /** Where it stands in the local answer, when an inserted element or line has moved it. */
  readonly localPlace?: Place;
  /** Undefined when there is nothing. */
  readonly original: string | undefined;
  /** Undefined when there is nothing. */
  readonly local: string | undefined;
  /** The rule that hid it, in its own words, and why; undefined for one that counts. */
  readonly hidden?: { readonly by: HiddenBy; readonly rule: string; readonly why?: string };
}

/** Why two answers, or their bodies, could not be compared. */
export type IncomparableCode =
  | "original-none"
  | "local-none"
  | "original-cut"
  | "local-cut"
  | "body-too-large";

/** How bodies were compared; `none` when neither has one, `unread` when it was not looked at. */
export type BodyKind = "none" | "json" | "lines" | "bytes" | "grpc" | "unread";

/** What comparing two answers gives. */
export interface Comparison {
  /**
   * `differs` when any difference counts, even if the rest could not be compared; otherwise `incomparable` when
   * something could not be; otherwise `same`.
   */
  readonly verdict: "same" | "differs" | "incomparable";
  readonly incomparable: readonly { readonly code: IncomparableCode; readonly text: string }[];
  /** Those that count, at most `limits.listedDifferences`. */
  readonly differences: readonly Difference[];
  /** Those that were hidden, at most as many. */
  readonly hidden: readonly Difference[];
  /** How many there were, listed or not. */
  readonly counts: {
    readonly differences: number;
    readonly hidden: Readonly<Record<HiddenBy, number>>;
  };
  readonly bodyKind: BodyKind;
  /** What is worth knowing and is no difference: duplicate keys, a body that was compared as text since it is no JSON … */
  readonly notes: readonly string[];
  /** Milliseconds of each, as far as they were measured. */
  readonly timing: {
    readonly original: { readonly firstByteMs?: number; readonly totalMs?: number };
    readonly local: { readonly firstByteMs?: number; readonly totalMs?: number };
  };
}
