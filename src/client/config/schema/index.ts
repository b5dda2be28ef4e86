export { checkValue, faultsOfIssues, type ValueFault } from "./check-value.ts";
export { type Config, configSchema } from "./config.ts";
export { configJsonSchema } from "./json-schema.ts";
export type { IssueDetails } from "./problem-of-value.ts";
export { schemaFields, type SchemaField } from "./schema-fields.ts";
