import type { Comparison, Filter, GrpcTest, HeaderTest, Presence } from "./filter.ts";
import { grpcClauses, grpcPart } from "./grpc-parts.ts";
import { parsePattern } from "./pattern/parse-pattern.ts";
import { requiredLiterals, shortest } from "./pattern/required-literals.ts";
import { canonicalKey } from "./same-filter.ts";

/** What the forms of one clause are worth. A longer literal adds up to `maxLiteral`, so no pattern outdoes `exact`. */
const worth = {
  exact: 100,
  /** A service or a method alone is less than the path that names both. */
  exactGrpcName: 95,
  prefix: 60,
  pattern: 40,
  method: 20,
  /** What metadata says beyond what the same field would. */
  metadata: 5,
  present: 20,
  not: 10,
  maxLiteral: 30,
} as const;

/**
 * How narrow a filter is, 0 for the one that everything passes; routing asks the higher first.
 *
 * An exact comparison outweighs a prefix, a prefix a pattern, a pattern a mere presence or method, and that a
 * negation; among prefixes and patterns the longer literal wins. `all` adds its different parts up, `any` is as
 * wide as its widest part.
 */
export function specificity(filter: Filter): number {
  if ("all" in filter) {
    const parts = new Map(filter.all.map((part) => [canonicalKey(part), part]));
    return [...parts.values()].reduce((sum, part) => sum + specificity(part), 0);
  }
  if ("any" in filter) return filter.any.length === 0 ? 0 : Math.min(...filter.any.map(specificity));
  if ("not" in filter) return worth.not;
  if ("method" in filter) return worth.method;
  if ("header" in filter) return headerWorth(filter.header);
  if ("grpc" in filter) {
    const clauses = grpcClauses(filter.grpc);
    return clauses.length > 1 ? specificity({ all: clauses }) : grpcWorth(filter.grpc);
  }
  if ("path" in filter)
    return typeof filter.path === "string" ? patternWorth(filter.path) : testWorth(filter.path);
  if ("query" in filter) return testWorth(filter.query);
  const host = typeof filter.host === "string" ? { equals: filter.host } : filter.host;
  if ("equals" in host && host.equals.startsWith("*."))
    return worth.prefix + literalWorth(host.equals.length - 2);
  return testWorth(host);
}

function grpcWorth(grpc: GrpcTest): number {
  const part = grpcPart(grpc);
  if (part.on === "call") return worth.present;
  if (part.on === "metadata") return headerWorth(part.test) + worth.metadata;
  return "equals" in part.test ? worth.exactGrpcName : testWorth(part.test);
}

function headerWorth(header: string | HeaderTest): number {
  if (typeof header !== "string") return testWorth(header);
  // A line that is exact, as in ^a: 1$, is worth what the exact form is.
  return canonicalKey({ header }).includes('"=="') ? worth.exact : patternWorth(header);
}

function testWorth(test: Comparison | Presence): number {
  if ("equals" in test) return worth.exact;
  if ("prefix" in test) return worth.prefix + literalWorth(test.prefix.length);
  if ("matches" in test) return patternWorth(test.matches);
  return "present" in test ? worth.present : worth.not;
}

function patternWorth(pattern: string): number {
  const literals = requiredLiterals(parsePattern(pattern));
  return worth.pattern + (literals === undefined ? 0 : literalWorth(shortest(literals)));
}

function literalWorth(length: number): number {
  return Math.min(length, worth.maxLiteral);
}
