import {
  type CompiledFilter,
  compileFilter,
  decidingClause,
  explain,
  type Filter,
  formatFilter,
  namedFields,
} from "../../filters/index.ts";
import type { RequestHead } from "../../http/index.ts";
import { cutText, type DraftVerdict } from "../../protocol/index.ts";

/** What a draft says of one request: yes, no, or no for the sake of one clause only. */
export type Tried = "matches" | "misses" | { readonly clause: string; readonly because: string };

/** The clauses that must all hold: more of them are not looked at one by one. */
const MAX_CLAUSES = 64;
const MAX_TEXT_LENGTH = 300;

/** A filter that is tried out: asked like one that is in force, and which of its clauses alone is missing. */
export class DraftFilter {
  /** Undefined takes everything. */
  readonly filter: Filter | undefined;
  /** The fields whose values its author may see, since he names them. */
  readonly names: ReadonlySet<string>;
  readonly #compiled: CompiledFilter | undefined;
  readonly #clauses: readonly CompiledFilter[];

  constructor(filter: Filter | undefined) {
    this.filter = filter;
    this.names = filter === undefined ? new Set() : namedFields(filter);
    this.#compiled = filter === undefined ? undefined : compileFilter(filter);
    const clauses = filter === undefined || !("all" in filter) ? [] : filter.all;
    this.#clauses = clauses.length > MAX_CLAUSES ? [] : clauses.map(compileFilter);
  }

  /** @param shows of which fields the values may be shown */
  ask(head: RequestHead, shows: (lowerName: string) => boolean): Tried {
    if (this.#compiled?.matches(head) !== false) return "matches";
    if (this.#clauses.length < 2) return "misses";
    let missing: CompiledFilter | undefined;
    for (const clause of this.#clauses) {
      if (clause.matches(head)) continue;
      if (missing !== undefined) return "misses";
      missing = clause;
    }
    if (missing === undefined) return "misses";
    const { filter } = missing;
    const { because } = explain(filter, head, { shows });
    return {
      clause: cutText(formatFilter(filter), MAX_TEXT_LENGTH),
      because: cutText(because, MAX_TEXT_LENGTH),
    };
  }

  /** The same with the reason of each request that does not match. @param head undefined of what was not read as a whole */
  verdict(head: RequestHead | undefined, shows: (lowerName: string) => boolean): DraftVerdict {
    if (this.filter === undefined) return { matches: true, clause: null, because: "" };
    if (head === undefined) return { matches: null, clause: null, because: "it was not read, or not kept" };
    const tried = this.ask(head, shows);
    if (tried === "matches") return { matches: true, clause: null, because: "" };
    if (tried !== "misses") return { matches: false, ...tried };
    const because = decidingClause(explain(this.filter, head, { shows }));
    return { matches: false, clause: null, because: cutText(because, MAX_TEXT_LENGTH) };
  }
}
