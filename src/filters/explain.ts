import type { RequestHead } from "../http/index.ts";
import { type CompiledFilter, compileFilter } from "./compile-filter.ts";
import { explainClause } from "./explain-clause.ts";
import type { Filter } from "./filter.ts";
import { formatFilter } from "./format-filter.ts";
import { grpcClauses } from "./grpc-parts.ts";
import { Masking, maskedByDefault } from "./masking.ts";

/** Why a request passes a filter or not, clause by clause. */
export interface Explanation {
  readonly result: boolean;
  /** How the parts make the result; a `clause` has none. */
  readonly kind: "clause" | "all" | "any" | "not";
  /** The clause as an expression. It is what the filter says and is never masked. */
  readonly clause: string;
  /** In words, without a full stop: what the request had and what was wanted. */
  readonly because: string;
  /** Of a clause that does not hold: what it found and what it wanted, of which `because` is made. */
  readonly missed?: { readonly had: string; readonly wanted: string };
  readonly parts: readonly Explanation[];
}

export interface ExplainOptions {
  /** Names of fields and query parameters whose values are not shown; by default those of credentials. */
  readonly mask?: readonly string[];
  /**
   * Of which fields values may be shown; of all when it is left out. `host` stands for the host of the request. Without the
   * value it is only said whether it was what is wanted. What the path and the query say is shown always.
   */
  readonly shows?: (lowerName: string) => boolean;
}

/**
 * Explains the answer of `compileFilter(filter).matches(head)`. Every clause is asked, also after the result is
 * certain, so this is for people and not for the way of every request.
 */
export function explain(filter: Filter, head: RequestHead, options: ExplainOptions = {}): Explanation {
  return explanation(filter, head, new Masking(options.mask ?? maskedByDefault, options.shows));
}

/** What of an explanation is the same for every request. */
interface Prepared {
  readonly clause: string;
  /** Of a clause. */
  readonly compiled: CompiledFilter | undefined;
}

/** Filters never change, and the same ones are explained again and again. */
const prepared = new WeakMap<Filter, Prepared>();

function prepare(filter: Filter): Prepared {
  const known = prepared.get(filter);
  if (known !== undefined) return known;
  const isJoined = "all" in filter || "any" in filter || "not" in filter;
  const made = {
    clause: formatFilter(filter),
    compiled: isJoined ? undefined : compileFilter(filter),
  };
  prepared.set(filter, made);
  return made;
}

function explanation(filter: Filter, head: RequestHead, masking: Masking): Explanation {
  const { clause, compiled } = prepare(filter);
  const grpc = "grpc" in filter ? grpcClauses(filter.grpc) : [];
  const filters =
    "all" in filter ? filter.all : "any" in filter ? filter.any : grpc.length > 1 ? grpc : undefined;
  if (filters !== undefined) {
    const kind = "any" in filter ? "any" : "all";
    const parts = filters.map((part) => explanation(part, head, masking));
    const holding = parts.filter(({ result }) => result).length;
    const result = kind === "all" ? holding === parts.length : holding > 0;
    return { result, kind, clause, because: joinedBecause(kind, holding, parts.length), parts };
  }
  if ("not" in filter) {
    const part = explanation(filter.not, head, masking);
    const because = part.result ? "what must not hold does" : "what must not hold does not";
    return { result: !part.result, kind: "not", clause, because, parts: [part] };
  }
  const result = compiled?.matches(head) === true;
  const { had, wanted } = explainClause(filter, { head, result, masking });
  const answer = { result, kind: "clause", clause, parts: [] } as const;
  if (wanted === undefined) return { ...answer, because: had };
  return { ...answer, because: `${had}, wanted ${wanted}`, missed: { had, wanted } };
}

function joinedBecause(kind: "all" | "any", holding: number, count: number): string {
  if (count === 0) return kind === "all" ? "everything passes" : "nothing passes";
  return `${holding} of ${count} clauses ${holding === 1 ? "holds" : "hold"}`;
}

const maxSentences = 3;

/**
 * The one sentence that tells why: that of the clause that decided, or of all of them where all were needed. `wants` stands
 * before the first thing that was wanted; it is left out where nothing was.
 */
export function decidingClause(explanation: Explanation, wants = "wanted"): string {
  const { kind, result, parts, because, missed } = explanation;
  const [first] = parts;
  if (first === undefined) return missed === undefined ? because : `${missed.had}, ${wants} ${missed.wanted}`;
  // What must not hold is what nobody wants.
  if (kind === "not") return decidingClause(first);
  // One part decides an `all` that fails and an `any` that holds.
  const decider = parts.find((part) => part.result === (kind === "any"));
  if (decider !== undefined && result === (kind === "any")) return decidingClause(decider, wants);
  const sentences = parts
    .slice(0, maxSentences)
    .map((part, index) => decidingClause(part, index === 0 ? wants : "wanted"));
  if (parts.length > maxSentences) sentences.push(`${parts.length - maxSentences} more`);
  return sentences.join(", and ");
}
