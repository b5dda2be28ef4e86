import type { Filter } from "./filter.ts";
import { grpcClauses } from "./grpc-parts.ts";

/**
 * The filter without wrapping that says nothing: a group of one is what it holds, and so is what is negated twice. A
 * gRPC clause that says several things becomes the group of clauses that say them.
 */
export function unwrapped(filter: Filter): Filter {
  if ("not" in filter) {
    const inner = unwrapped(filter.not);
    return "not" in inner ? unwrapped(inner.not) : { not: inner };
  }
  if ("grpc" in filter) {
    const clauses = grpcClauses(filter.grpc);
    const [clause] = clauses;
    return clause !== undefined && clauses.length === 1 ? clause : { all: clauses };
  }
  const parts = "all" in filter ? filter.all : "any" in filter ? filter.any : [];
  const [only] = parts;
  return only !== undefined && parts.length === 1 ? unwrapped(only) : filter;
}
