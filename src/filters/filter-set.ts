import type { RequestHead } from "../http/index.ts";
import type { CompiledFilter } from "./compile-filter.ts";

const none: readonly number[] = Object.freeze([]);

/** Many filters asked at once. */
export class FilterSet {
  readonly #filters: readonly CompiledFilter[];

  constructor(filters: readonly CompiledFilter[]) {
    this.#filters = filters;
  }

  /** The indexes of the filters that the request passes, ascending; one shared empty list when there is none. */
  firstMatches(head: RequestHead): readonly number[] {
    let found: number[] | undefined;
    for (const [index, filter] of this.#filters.entries())
      if (filter.matches(head)) (found ??= []).push(index);
    return found ?? none;
  }
}
