import type { Subscribe } from "../../protocol/index.ts";
import type { IgnoreRule } from "../compare/index.ts";
import type { SubscriptionPlan } from "../subscription-flags/index.ts";

/** How answers are compared. */
export interface ComparePlan {
  readonly ignore: readonly IgnoreRule[];
  /** Whether the app may be asked again, to learn what differs between two of its own answers. */
  readonly learns: boolean;
  /** How many exchanges that differ are told one by one. */
  readonly maxDifferences: number;
  /** Where the JSON report goes. */
  readonly report: string | undefined;
}

/** What copies are made, and what becomes of their answers. */
export interface CopyPlan {
  /** The share of requests that are copied, above 0 and up to 1. */
  readonly sample: number;
  readonly maxPerSecond: number | null;
  /** How long the local program may take to answer a request that is whole. */
  readonly answerTimeoutMs: number;
  /** Undefined when answers are only thrown away. */
  readonly compare: ComparePlan | undefined;
}

/** Everything that `magpie mirror` was asked to do, checked. */
export interface MirrorPlan extends SubscriptionPlan, CopyPlan {}

/** The part of a subscription that says what is done with the requests. */
export function mirrorTerms(
  plan: CopyPlan,
): Pick<Subscribe, "mode" | "priority" | "onLocalFailure" | "probes" | "mirror"> {
  const { sample, maxPerSecond } = plan;
  const mirror = { sample, maxPerSecond, answers: plan.compare !== undefined };
  return { mode: "mirror", priority: 0, onLocalFailure: "original", probes: "original", mirror };
}
