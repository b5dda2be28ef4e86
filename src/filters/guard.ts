import type { Comparison, Filter, HeaderTest } from "./filter.ts";
import { codeUnits } from "./pattern/parse-escape.ts";
import { parsePattern } from "./pattern/parse-pattern.ts";
import type { PatternNode } from "./pattern/pattern-node.ts";
import { flat, isAssertion } from "./pattern/plain-pattern.ts";
import { requiredLiterals } from "./pattern/required-literals.ts";
import { pinnedLine } from "./pinned-line.ts";

/**
 * Something that a request must have for a filter to pass it, in a form that can be looked up for many filters at
 * once. Having it is not enough: the filter is still asked.
 */
export type Guard =
  | { readonly on: "field"; readonly lowerName: string }
  | { readonly on: "value"; readonly lowerName: string; readonly pattern: PatternNode }
  | { readonly on: "field-line"; readonly lowerName: string; readonly pattern: PatternNode }
  | { readonly on: "line"; readonly pattern: PatternNode }
  /** Of the path without its query or with it. */
  | { readonly on: "path"; readonly pattern: PatternNode };

/** A request that passes the filter has at least one of these; undefined when nothing of the kind can be said. */
export function guardsOf(filter: Filter): readonly Guard[] | undefined {
  if ("header" in filter) {
    return typeof filter.header === "string" ? [lineGuard(filter.header)] : fieldGuards(filter.header);
  }
  if ("path" in filter) {
    const test = typeof filter.path === "string" ? { matches: filter.path } : filter.path;
    return [{ on: "path", pattern: comparisonPattern(test) }];
  }
  if ("any" in filter) {
    const lists = filter.any.map(guardsOf);
    return lists.includes(undefined) ? undefined : lists.flatMap((list) => list ?? []);
  }
  if ("all" in filter) {
    const lists = filter.all.map(guardsOf).filter((list) => list !== undefined);
    return lists.sort((one, other) => rarity(other) - rarity(one))[0];
  }
  return undefined;
}

function lineGuard(line: string): Guard {
  const pattern = parsePattern(line);
  const pinned = pinnedLine(pattern);
  if (pinned === undefined) return { on: "line", pattern };
  const { lowerName, value } = pinned;
  return value === undefined
    ? { on: "field-line", lowerName, pattern }
    : { on: "value", lowerName, pattern: value };
}

function fieldGuards(test: HeaderTest): readonly Guard[] | undefined {
  if ("absent" in test) return undefined;
  const lowerName = test.name.toLowerCase();
  if ("present" in test) return [{ on: "field", lowerName }];
  return [{ on: "value", lowerName, pattern: comparisonPattern(test) }];
}

/** A comparison as a pattern that finds the same texts. */
function comparisonPattern(test: Comparison): PatternNode {
  if ("matches" in test) return parsePattern(test.matches);
  const literal = "equals" in test ? test.equals : test.prefix;
  const ignoreCase = test.ignoreCase === true;
  const parts: PatternNode[] = [{ kind: "assertion", holds: "begin" }];
  // Only ASCII is folded by a comparison; for other letters a pattern would fold more, and more is allowed here.
  for (const code of codeUnits(literal)) parts.push({ kind: "char", code, ignoreCase });
  if ("equals" in test) parts.push({ kind: "assertion", holds: "end" });
  return { kind: "sequence", parts };
}

/** How seldom a request has one of these, and how cheaply it is found out; more is better. */
function rarity(guards: readonly Guard[]): number {
  return Math.min(...guards.map(rarityOf));
}

function rarityOf(guard: Guard): number {
  if (guard.on === "field") return 4;
  const anchored = isAssertion(flat(guard.pattern).next().value, "begin");
  switch (guard.on) {
    case "value":
      return anchored ? 6 : 5;
    case "field-line":
      return 5;
    case "path":
      return anchored ? 3 : 2;
    default:
      return requiredLiterals(guard.pattern) === undefined ? 0 : 1;
  }
}
