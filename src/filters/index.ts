export { allOf } from "./all-of.ts";
export { compileFilter } from "./compile-filter.ts";
export type { CompiledFilter } from "./compile-filter.ts";
export { FilterError, filterErrors } from "./errors.ts";
export type { FilterErrorCode, FilterErrorPlace } from "./errors.ts";
export { decidingClause, explain } from "./explain.ts";
export type { ExplainOptions, Explanation } from "./explain.ts";
export { everything } from "./filter.ts";
export type {
  Comparison,
  Filter,
  GrpcTest,
  HeaderTest,
  HostTest,
  PathTest,
  Presence,
  QueryTest,
} from "./filter.ts";
export { FilterSet } from "./filter-set.ts";
export { formatFilter } from "./format-filter.ts";
export { isSecret, maskedByDefault, maskTarget } from "./masking.ts";
export { namedFields } from "./named-fields.ts";
export { mayOverlap } from "./may-overlap.ts";
export { parseFilter } from "./parse-filter.ts";
export { readFilter, statesOf } from "./read-filter.ts";
export { sameFilter } from "./same-filter.ts";
export { specificity } from "./specificity.ts";
