export { checkFlags, type StealFlags } from "./check-flags.ts";
export { type StealPlan, stealTerms } from "./steal-plan.ts";
