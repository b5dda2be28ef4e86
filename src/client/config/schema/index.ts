export { type Config, configSchema } from "./config.ts";
export type { IssueDetails } from "./problem-of-value.ts";
