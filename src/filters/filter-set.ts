import type { RequestHead } from "../http/index.ts";
import type { CompiledFilter } from "./compile-filter.ts";
import { GrpcGuards, guardedByField, LineGuards, PathGuards } from "./guard-index.ts";
import type { FieldGuards } from "./guard-index.ts";
import { guardsOf } from "./guard.ts";
import type { Guard } from "./guard.ts";
import type { NameTable } from "./name-table.ts";

const none: readonly number[] = Object.freeze([]);

/**
 * Many filters asked at once. What a filter needs of a request is looked up for all filters together, and only the
 * filters whose need is met are asked; so a request that none of them wants costs about the same for one or hundreds.
 *
 * A set never changes: make a new one for each change. It keeps nothing of a request and needs no closing.
 */
export class FilterSet {
  readonly #filters: readonly CompiledFilter[];
  /** Filters of which nothing can be looked up. */
  readonly #unguarded: readonly number[];
  readonly #byName: NameTable<FieldGuards> | undefined;
  readonly #lines: LineGuards | undefined;
  readonly #paths: PathGuards | undefined;
  readonly #grpc: GrpcGuards | undefined;
  /** The search in which a filter was last called up, so that each is asked once. */
  readonly #calledIn: Float64Array;
  #search = 0;
  readonly #called: number[] = [];

  constructor(filters: readonly CompiledFilter[]) {
    this.#filters = filters;
    this.#calledIn = new Float64Array(filters.length);
    const unguarded: number[] = [];
    const guarded: { guard: Guard; id: number }[] = [];
    for (const [id, { filter }] of filters.entries()) {
      const guards = guardsOf(filter);
      if (guards === undefined) unguarded.push(id);
      for (const guard of guards ?? []) guarded.push({ guard, id });
    }
    const call = (id: number) => this.#call(id);
    this.#unguarded = unguarded;
    this.#byName = guardedByField(guarded, call);
    this.#lines = LineGuards.of(guarded, call);
    this.#paths = PathGuards.of(guarded, call);
    this.#grpc = GrpcGuards.of(guarded, call);
  }

  /** The indexes of the filters that the request passes, ascending; one shared empty list when there is none. */
  firstMatches(head: RequestHead): readonly number[] {
    const called = this.#called;
    called.length = 0;
    this.#search++;
    // Fields are made when somebody asks for them: see `Http2RequestHead`.
    if (this.#byName !== undefined) {
      const { fields } = head;
      for (let index = 0; index < fields.count; index++)
        this.#byName.get(fields, index)?.search(fields, index);
    }
    this.#lines?.search(head.fields);
    this.#paths?.search(head);
    this.#grpc?.search(head);
    for (const id of this.#unguarded) called.push(id);
    if (called.length === 0) return none;
    const found = called.filter((id) => this.#filters[id]?.matches(head));
    return found.length === 0 ? none : found.sort((one, other) => one - other);
  }

  #call(id: number): void {
    if (this.#calledIn[id] === this.#search) return;
    this.#calledIn[id] = this.#search;
    this.#called.push(id);
  }
}
