import type { Filter } from "./filter.ts";
import { grpcClauses } from "./grpc-parts.ts";
import { type Demand, demandOf, demandNotOf, type TextDemand } from "./demand.ts";

/** Ways to pass one filter that are looked at; a filter with more of them is taken for one that anything may pass. */
const maxWays = 16;
/** Clauses, and texts, that one way may demand; the rest is not looked at. */
const maxClauses = 64;
const maxTexts = 32;

/**
 * Whether some request may pass both filters. False is a proof: each way to pass the one demands what no way to pass the
 * other allows, such as another value of the same field. True may be wrong, since patterns are not compared.
 *
 * A request can repeat a field, and so hold two values at once; few do. Unless `withRepeats`, false is a proof for requests
 * that repeat neither fields nor parameters of the query, without which no two values of a field would keep filters apart.
 */
export function mayOverlap(one: Filter, other: Filter, options: { withRepeats?: boolean } = {}): boolean {
  const others = waysOf(other);
  const withRepeats = options.withRepeats === true;
  return waysOf(one).some((way) => others.some((another) => fit(way, another, withRepeats)));
}

/** Filters never change, and one is held against many others. */
const known = new WeakMap<Filter, readonly Demand[]>();

function waysOf(filter: Filter): readonly Demand[] {
  let ways = known.get(filter);
  if (ways === undefined) known.set(filter, (ways = waysToPass(filter, true)));
  return ways;
}

/** The filter as alternatives, each of which is what a request must have all of. Without any, nothing passes. */
function waysToPass(filter: Filter, wanted: boolean): readonly Demand[] {
  if ("not" in filter) return waysToPass(filter.not, !wanted);
  if ("all" in filter) return wanted ? together(filter.all, wanted) : oneOf(filter.all, wanted);
  if ("any" in filter) return wanted ? oneOf(filter.any, wanted) : together(filter.any, wanted);
  if ("grpc" in filter) {
    const clauses = grpcClauses(filter.grpc);
    if (clauses.length > 1) return waysToPass({ all: clauses }, wanted);
  }
  return [wanted ? demandOf(filter) : demandNotOf(filter)];
}

function oneOf(parts: readonly Filter[], wanted: boolean): readonly Demand[] {
  const ways = parts.flatMap((part) => waysToPass(part, wanted));
  return ways.length <= maxWays ? ways : [nothing];
}

function together(parts: readonly Filter[], wanted: boolean): readonly Demand[] {
  let ways: readonly Demand[] = [nothing];
  for (const part of parts) {
    const further = waysToPass(part, wanted);
    // To demand less is to overlap more: a part that multiplies the ways is left out.
    if (ways.length * further.length > maxWays) continue;
    ways = ways.flatMap((way) => further.map((more) => join(way, more)));
  }
  return ways;
}

const nothing: Demand = { clauses: new Set(), refused: new Set(), texts: [] };

function join(one: Demand, other: Demand): Demand {
  // As above: what is not demanded keeps nothing apart.
  if (one.clauses.size + one.refused.size >= maxClauses) return one;
  return {
    clauses: one.clauses.union(other.clauses),
    refused: one.refused.union(other.refused),
    texts: [...one.texts, ...other.texts].slice(0, maxTexts),
  };
}

/** Whether a request may meet both demands. */
function fit(one: Demand, other: Demand, withRepeats: boolean): boolean {
  if (!one.clauses.isDisjointFrom(other.refused) || !one.refused.isDisjointFrom(other.clauses)) return false;
  return one.texts.every((text) =>
    other.texts.every(
      (another) =>
        text.of !== another.of ||
        (withRepeats && text.repeats) ||
        text.anyOf.some((form) => another.anyOf.some((otherForm) => textsFit(form, otherForm))),
    ),
  );
}

/** Whether one text may be both. */
function textsFit(one: TextDemand, other: TextDemand): boolean {
  const fold = one.ignoreCase || other.ignoreCase;
  const [a, b] = fold ? [one.folded, other.folded] : [one.literal, other.literal];
  if (one.is === "whole") return other.is === "whole" ? a === b : partOf(b, a, other.is);
  if (other.is === "whole") return partOf(a, b, one.is);
  return one.is !== other.is || partOf(a, b, one.is) || partOf(b, a, one.is);
}

function partOf(part: string, whole: string, is: "begin" | "end"): boolean {
  return is === "begin" ? whole.startsWith(part) : whole.endsWith(part);
}
