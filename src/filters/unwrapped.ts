import type { Filter } from "./filter.ts";

/** The filter without wrapping that says nothing: a group of one is what it holds, and so is what is negated twice. */
export function unwrapped(filter: Filter): Filter {
  if ("not" in filter) {
    const inner = unwrapped(filter.not);
    return "not" in inner ? unwrapped(inner.not) : { not: inner };
  }
  const parts = "all" in filter ? filter.all : "any" in filter ? filter.any : [];
  const [only] = parts;
  return only !== undefined && parts.length === 1 ? unwrapped(only) : filter;
}
