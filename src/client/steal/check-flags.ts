import { ClientError } from "../errors.ts";
import {
  type CheckedFlags,
  checkSubscriptionFlags,
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

function parsePriority(text: string): number {
  const priority = /^[+-]?\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (priority >= -(2 ** 31) && priority < 2 ** 31) return priority;
  throw new ClientError("usage", `--priority ${JSON.stringify(text)} is not a whole number of 32 bits`, {
    hint: "Sessions of a higher priority are asked first; 0 is the usual one.",
  });
}
