import type { Subscribe } from "../../protocol/index.ts";
import type { SubscriptionPlan } from "../subscription-flags/index.ts";

/** Everything that `magpie steal` was asked to do, checked. */
export interface StealPlan extends SubscriptionPlan {
  readonly onLocalFailure: "original" | "error";
  /** Higher goes first. */
  readonly priority: number;
  /** Callers are told by a field of the answer who served them. */
  readonly servedBy: boolean;
}

/** The part of a subscription that says what is done with the requests. */
export function stealTerms(
  plan: StealPlan,
): Pick<Subscribe, "mode" | "priority" | "onLocalFailure" | "mirror" | "servedBy"> {
  const { priority, onLocalFailure, servedBy } = plan;
  return { mode: "steal", priority, onLocalFailure, mirror: null, servedBy };
}
