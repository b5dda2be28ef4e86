export { defaultDrainMaxMs } from "./drain-flags.ts";
export { type FilterFlags, filterOfFlags } from "./filter-flags.ts";
export { type InspectFlags, type InspectPlan, inspectOf } from "./inspect-flags.ts";
export { findProgram, type LocalProgram } from "./local-program.ts";
export { formatAddress, parsePortMapping, parseTargetPort, type PortMapping } from "./port-mapping.ts";
export { parsePriority } from "./priority.ts";
export {
  type Check,
  type CheckedFlags,
  checkSessionFlags,
  defaultName,
  type FlagTools,
  type SessionFlags,
} from "./session-flags.ts";
export type { SessionPlan } from "./session-plan.ts";
export {
  checkSubscriptionFlags,
  refuseLoops,
  refuseRepeatedPorts,
  type SubscriptionFlags,
} from "./subscription-flags.ts";
export type { SubscriptionPlan } from "./subscription-plan.ts";
