export type { CopyPlan } from "./mirror-plan.ts";
export { checkFlags, type MirrorFlags } from "./check-flags.ts";
export type { ComparedExchange } from "./comparing.ts";
export { type ComparePlan, type MirrorPlan } from "./mirror-plan.ts";
