import type { Comparison, Filter, HeaderTest } from "./filter.ts";
import { grpcClauses, grpcPart } from "./grpc-parts.ts";
import type { GrpcPart } from "./grpc-parts.ts";
import { isBinaryMetadata } from "./metadata-test.ts";
import { codeUnits } from "./pattern/parse-escape.ts";
import { parsePattern } from "./pattern/parse-pattern.ts";
import type { PatternNode } from "./pattern/pattern-node.ts";
import { flat, isAssertion } from "./pattern/plain-pattern.ts";
import { requiredLiterals } from "./pattern/required-literals.ts";
import { pinnedLine } from "./pinned-line.ts";
import { unwrapped } from "./unwrapped.ts";

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
  | { readonly on: "path"; readonly pattern: PatternNode }
  /** Any gRPC call. */
  | { readonly on: "grpc" }
  /** Of the service, of the method, or of both with the slash between them. */
  | { readonly on: "grpc-service" | "grpc-method" | "grpc-path"; readonly pattern: PatternNode };

/** A request that passes the filter has at least one of these; undefined when nothing of the kind can be said. */
export function guardsOf(filter: Filter): readonly Guard[] | undefined {
  if ("header" in filter) {
    return typeof filter.header === "string" ? [lineGuard(filter.header)] : fieldGuards(filter.header);
  }
  if ("path" in filter) {
    const test = typeof filter.path === "string" ? { matches: filter.path } : filter.path;
    return [{ on: "path", pattern: comparisonPattern(test) }];
  }
  if ("grpc" in filter) {
    const clauses = grpcClauses(filter.grpc);
    return clauses.length > 1 ? guardsOf({ all: clauses }) : grpcGuards(grpcPart(filter.grpc));
  }
  if ("any" in filter) {
    const lists = filter.any.map(guardsOf);
    return lists.includes(undefined) ? undefined : lists.flatMap((list) => list ?? []);
  }
  if ("all" in filter) {
    const lists = [...filter.all.map(guardsOf), calledGuards(filter.all)].filter(
      (list) => list !== undefined,
    );
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

function grpcGuards(part: GrpcPart): readonly Guard[] | undefined {
  if (part.on === "call") return [{ on: "grpc" }];
  if (part.on !== "metadata") return [{ on: `grpc-${part.on}`, pattern: comparisonPattern(part.test) }];
  const { test } = part;
  if (typeof test === "string") return [lineGuard(test)];
  // What is compared of binary metadata is not the text that was sent.
  if (isBinaryMetadata(test.name)) return [{ on: "field", lowerName: test.name.toLowerCase() }];
  return fieldGuards(test);
}

/** A service and a method that are wanted together: of many filters one may be the same in all of them. */
function calledGuards(filters: readonly Filter[]): readonly Guard[] | undefined {
  const parts = filters
    .map(unwrapped)
    .flatMap((filter) => ("all" in filter ? filter.all : [filter]))
    .flatMap((filter) => ("grpc" in filter ? [grpcPart(filter.grpc)] : []));
  const tests = (on: "service" | "method") => parts.flatMap((part) => (part.on === on ? [part.test] : []));
  const [service] = tests("service").flatMap((test) => ("equals" in test ? [test] : []));
  const [method] = tests("method").flatMap((test) => ("matches" in test ? [] : [test]));
  if (service === undefined || method === undefined) return undefined;
  const within = literalPattern({ ...service, literal: `${service.equals}/` });
  const literal = "equals" in method ? method.equals : method.prefix;
  const last = literalPattern({ ...method, literal });
  const end: PatternNode[] = "equals" in method ? [{ kind: "assertion", holds: "end" }] : [];
  const begin: PatternNode = { kind: "assertion", holds: "begin" };
  return [{ on: "grpc-path", pattern: { kind: "sequence", parts: [begin, ...within, ...last, ...end] } }];
}

/** A comparison as a pattern that finds the same texts. */
function comparisonPattern(test: Comparison): PatternNode {
  if ("matches" in test) return parsePattern(test.matches);
  const literal = "equals" in test ? test.equals : test.prefix;
  const parts: PatternNode[] = [
    { kind: "assertion", holds: "begin" },
    ...literalPattern({ ...test, literal }),
  ];
  if ("equals" in test) parts.push({ kind: "assertion", holds: "end" });
  return { kind: "sequence", parts };
}

/** Only ASCII is folded by a comparison; for other letters a pattern would fold more, and more is allowed here. */
function literalPattern(test: { literal: string; ignoreCase?: boolean }): PatternNode[] {
  return codeUnits(test.literal).map((code) => ({
    kind: "char",
    code,
    ignoreCase: test.ignoreCase === true,
  }));
}

/** How seldom a request has one of these, and how cheaply it is found out; more is better. */
function rarity(guards: readonly Guard[]): number {
  return Math.min(...guards.map(rarityOf));
}

function rarityOf(guard: Guard): number {
  if (guard.on === "field") return 4;
  // Ports have gRPC calls only, or none at all.
  if (guard.on === "grpc") return 0;
  const anchored = isAssertion(flat(guard.pattern).next().value, "begin");
  switch (guard.on) {
    case "value":
      return anchored ? 6 : 5;
    case "field-line":
      return 5;
    case "grpc-path":
      return 4;
    case "path":
    case "grpc-service":
    case "grpc-method":
      return anchored ? 3 : 2;
    default:
      return requiredLiterals(guard.pattern) === undefined ? 0 : 1;
  }
}
