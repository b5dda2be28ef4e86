export { BudgetWatch } from "./budget-watch.ts";
export { DEFAULT_LIMITS, type Limits } from "./limits.ts";
