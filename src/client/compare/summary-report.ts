import type { DifferenceKind, HiddenBy, IncomparableCode } from "./difference.ts";

/**
 * The JSON report of `magpie mirror --compare`. A public contract: within one `version` fields are added and never
 * renamed or removed. Lists are bounded; what did not fit is counted in the `more…` beside them.
 */
export interface SummaryReport {
  readonly format: "magpie-compare";
  readonly version: 1;
  /** `nothing-compared` also when no pair came at all. */
  readonly verdict: "same" | "differs" | "nothing-compared";
  readonly pairs: PairCounts;
  /** Differences that did not count, by who hid them. */
  readonly hidden: Readonly<Record<HiddenBy, number>>;
  /** Rules that hid something, and in how many answers. */
  readonly rules: readonly { readonly rule: string; readonly by: HiddenBy; readonly answers: number }[];
  /** Medians of the latest answers, from request to end; null when nothing was measured. */
  readonly medianMs: { readonly original: number | null; readonly local: number | null };
  /** Those with most differences first. */
  readonly routes: readonly RouteReport[];
  /** Pairs of routes that did not fit. */
  readonly moreRoutes: PairCounts;
  readonly incomparable: readonly {
    readonly code: IncomparableCode;
    readonly answers: number;
    readonly example: string;
  }[];
}

export interface PairCounts {
  readonly total: number;
  readonly same: number;
  readonly differs: number;
  readonly incomparable: number;
}

export interface RouteReport {
  /** `GET /users/{number}`. */
  readonly route: string;
  readonly pairs: PairCounts;
  /** Those in most answers first. */
  readonly places: readonly PlaceReport[];
  /** Answers with differences at places that did not fit, each place for itself. */
  readonly morePlaces: number;
}

export interface PlaceReport {
  /** Array indexes are `*`. */
  readonly place: string;
  /** In how many answers; of an answer with very many differences only the listed ones are known. */
  readonly answers: number;
  readonly example: DifferenceExample;
}

/** The first difference at a place. Values are short and masked; null when there was nothing. */
export interface DifferenceExample {
  readonly kind: DifferenceKind;
  readonly place: string;
  readonly original: string | null;
  readonly local: string | null;
  /** Masked as values are. */
  readonly target: string;
  /** For `magpie why`; null when the pair had none. */
  readonly requestId: string | null;
}
