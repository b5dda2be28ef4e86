import {
  type CheckedFlags,
  checkSubscriptionFlags,
  parsePriority,
  type SubscriptionFlags,
} from "../subscription-flags/index.ts";
import type { StealPlan } from "./steal-plan.ts";

/** The flags of `magpie steal` as they were written. */
export interface StealFlags extends SubscriptionFlags {
  readonly onLocalFailure: "original" | "error";
  readonly stealProbes: boolean;
  readonly priority: string;
  readonly servedBy: boolean;
}

/** Checks all flags against each other and this machine. Reads only; nothing is started or changed. */
export function checkFlags(
  flags: StealFlags,
  environment: NodeJS.ProcessEnv = process.env,
): CheckedFlags<StealPlan> {
  return checkSubscriptionFlags(flags, {
    verb: "steal",
    environment,
    own: ({ check }) => ({
      onLocalFailure: flags.onLocalFailure,
      probes: flags.stealProbes ? "steal" : "original",
      servedBy: flags.servedBy,
      priority: check(() => parsePriority(flags.priority)) ?? 0,
    }),
  });
}
