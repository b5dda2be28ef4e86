import type { Comparison, Filter, Presence } from "./filter.ts";
import { parsePattern } from "./pattern/parse-pattern.ts";
import { requiredLiterals, shortest } from "./pattern/required-literals.ts";
import { canonicalKey } from "./same-filter.ts";

/** What the forms of one clause are worth. A longer literal adds up to `maxLiteral`, so no pattern outdoes `exact`. */
const worth = {
  exact: 100,
  prefix: 60,
  pattern: 40,
  method: 20,
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
  if ("header" in filter) {
    if (typeof filter.header !== "string") return testWorth(filter.header);
    // A line that is exact, as in ^a: 1$, is worth what the exact form is.
    return canonicalKey(filter).includes('"=="') ? worth.exact : patternWorth(filter.header);
  }
  if ("path" in filter)
    return typeof filter.path === "string" ? patternWorth(filter.path) : testWorth(filter.path);
  if ("query" in filter) return testWorth(filter.query);
  const host = typeof filter.host === "string" ? { equals: filter.host } : filter.host;
  if ("equals" in host && host.equals.startsWith("*."))
    return worth.prefix + literalWorth(host.equals.length - 2);
  return testWorth(host);
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
