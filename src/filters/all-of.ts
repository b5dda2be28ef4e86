import type { Filter } from "./filter.ts";
import { everything } from "./filter.ts";

/** The filter that passes what all of them pass, as several `--filter` options are meant; of none, everything. */
export function allOf(filters: readonly Filter[]): Filter {
  const parts = filters.flatMap((filter) => ("all" in filter ? filter.all : [filter]));
  const [only] = parts;
  if (only === undefined) return everything;
  return parts.length === 1 ? only : { all: parts };
}
