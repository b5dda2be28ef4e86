export { defaultDrainMaxMs } from "./drain-flags.ts";
export { type FilterFlags, filterOfFlags } from "./filter-flags.ts";
export { findProgram, type LocalProgram } from "./local-program.ts";
export { formatAddress, parseTargetPort } from "./port-mapping.ts";
export { parsePriority } from "./priority.ts";
export {
  type Check,
  type CheckedFlags,
  checkSubscriptionFlags,
  defaultName,
  type SubscriptionFlags,
} from "./subscription-flags.ts";
export type { SubscriptionPlan } from "./subscription-plan.ts";
