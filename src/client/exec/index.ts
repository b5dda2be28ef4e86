export { checkFlags, type ExecFlags } from "./check-flags.ts";
export type { ExecPlan } from "./exec-plan.ts";
