export { type LocalProgram } from "./local-program.ts";
export { formatAddress } from "./port-mapping.ts";
export {
  type Check,
  type CheckedFlags,
  checkSubscriptionFlags,
  defaultName,
  type SubscriptionFlags,
} from "./subscription-flags.ts";
export type { SubscriptionPlan } from "./subscription-plan.ts";
