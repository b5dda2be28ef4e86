import type { Subscribe } from "../../protocol/index.ts";
import type { SubscriptionPlan } from "../subscription-flags/index.ts";

/** Everything that `magpie steal` was asked to do, checked. */
export interface StealPlan extends SubscriptionPlan {
  readonly onLocalFailure: "original" | "error";
  /** Who answers health probes of the platform. */
  readonly probes: "original" | "steal";
  /** Higher goes first. */
  readonly priority: number;
  /** Callers are told by a field of the answer who served them. */
  readonly servedBy: boolean;
}

/** The part of a subscription that says what is done with the requests. */
export function stealTerms(
  plan: Pick<StealPlan, "priority" | "onLocalFailure" | "probes" | "servedBy">,
): Pick<Subscribe, "mode" | "priority" | "onLocalFailure" | "probes" | "mirror" | "servedBy"> {
  const { priority, onLocalFailure, probes, servedBy } = plan;
  return { mode: "steal", priority, onLocalFailure, probes, mirror: null, servedBy };
}
