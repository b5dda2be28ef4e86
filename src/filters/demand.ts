import type { Comparison, Filter, GrpcTest, HeaderTest, HostTest, PathTest, Presence } from "./filter.ts";
import { grpcPart } from "./grpc-parts.ts";
import { isBinaryMetadata } from "./metadata-test.ts";
import { parsePattern } from "./pattern/parse-pattern.ts";
import type { PatternNode } from "./pattern/pattern-node.ts";
import { plainPattern } from "./pattern/plain-pattern.ts";
import { pinnedLine } from "./pinned-line.ts";
import { canonicalKey } from "./same-filter.ts";

/** What every request has that passes a clause, as far as it can be said. */
export interface Demand {
  /** Clauses that hold, by their keys. */
  readonly clauses: ReadonlySet<string>;
  /** Clauses that do not. */
  readonly refused: ReadonlySet<string>;
  readonly texts: readonly Text[];
}

/** A part of a request that is one of some texts. */
export interface Text {
  /** Which part: equal for equal parts. */
  readonly of: string;
  /** Whether a request may have several of it, of which each may be demanded by another. */
  readonly repeats: boolean;
  readonly anyOf: readonly TextDemand[];
}

export interface TextDemand {
  readonly literal: string;
  /** The literal as it is compared where case does not matter: ASCII only. */
  readonly folded: string;
  /** What of the text the literal is. */
  readonly is: "whole" | "begin" | "end";
  readonly ignoreCase: boolean;
}

/** Of a list of more texts than this nothing is said. */
const maxTexts = 32;

/** A clause: a filter that joins no others. */
type Clause = Exclude<
  Filter,
  { readonly all: unknown } | { readonly any: unknown } | { readonly not: unknown }
>;

/** What a clause demands. A gRPC clause says one thing only. */
export function demandOf(clause: Clause): Demand {
  const { texts, implied } = saidBy(clause);
  const key = canonicalKey(clause);
  const keys = [key, ...implied.map(canonicalKey)];
  return {
    clauses: new Set(keys.filter((key) => !isContrary(key))),
    refused: new Set(keys.filter(isContrary).map((key) => key.slice(1))),
    texts,
  };
}

/** What the contrary of a clause demands: that the clause does not hold. */
export function demandNotOf(clause: Clause): Demand {
  const key = canonicalKey(clause);
  return isContrary(key)
    ? { clauses: new Set([key.slice(1)]), refused: new Set(), texts: [] }
    : { clauses: new Set(), refused: new Set([key]), texts: [] };
}

/** Absence is the contrary of presence: see `canonicalKey`. */
function isContrary(key: string): boolean {
  return key.startsWith("!");
}

interface Said {
  readonly texts: readonly Text[];
  /** Clauses that hold with it. */
  readonly implied: readonly Filter[];
}

const nothing: Said = { texts: [], implied: [] };

function saidBy(clause: Clause): Said {
  if ("header" in clause) return saidByHeader(clause.header);
  if ("path" in clause) return { texts: pathTexts(clause.path), implied: [] };
  if ("host" in clause) return { texts: hostTexts(clause.host), implied: [] };
  if ("grpc" in clause) return saidByGrpc(clause.grpc);
  if ("method" in clause) {
    const methods = [clause.method].flat();
    if (methods.length > maxTexts) return nothing;
    return { texts: [{ of: "method", repeats: false, anyOf: methods.map(whole) }], implied: [] };
  }
  const { query } = clause;
  if ("absent" in query) return nothing;
  const implied: Filter[] = [{ query: { name: query.name, present: true } }];
  return { texts: textsOf(`query ${query.name}`, query, { repeats: true }), implied };
}

function saidByHeader(header: string | HeaderTest): Said {
  if (typeof header !== "string") {
    if ("absent" in header) return nothing;
    const name = header.name.toLowerCase();
    return { texts: textsOf(`field ${name}`, header, { repeats: true }), implied: [fieldOf(name)] };
  }
  const pinned = pinnedLine(parsePattern(header));
  if (pinned === undefined) return nothing;
  const { lowerName, value } = pinned;
  const implied = [fieldOf(lowerName)];
  const demand = value === undefined ? undefined : demandOfPattern(value);
  if (demand === undefined) return { texts: [], implied };
  return { texts: [{ of: `field ${lowerName}`, repeats: true, anyOf: [demand] }], implied };
}

function saidByGrpc(grpc: GrpcTest): Said {
  const part = grpcPart(grpc);
  const call: Text = { of: "method", repeats: false, anyOf: [whole("POST")] };
  const implied: Filter[] = [{ grpc: { present: true } }];
  if (part.on === "call") return { texts: [call], implied };
  if (part.on === "metadata") {
    const { test } = part;
    // Of binary metadata it is not the value as it was sent that is compared.
    const isSent = typeof test === "string" || "present" in test || !isBinaryMetadata(test.name);
    const said = isSent ? saidByHeader(test) : { texts: [], implied: [fieldOf(test.name)] };
    return { texts: [call, ...said.texts], implied: [...implied, ...said.implied] };
  }
  const named = textsOf(`grpc ${part.on}`, part.test, { repeats: false });
  return { texts: [call, ...named], implied };
}

function fieldOf(name: string): Filter {
  return { header: { name, present: true } };
}

/** Said of the path without its query, whatever is compared. */
function pathTexts(test: string | PathTest): readonly Text[] {
  const demand = typeof test === "string" ? demandOfComparison({ matches: test }) : demandOfComparison(test);
  if (demand === undefined || demand.is === "end") return [];
  const mark = demand.literal.indexOf("?");
  // Only a query can hold a question mark, so that the path before it is known to its end.
  const before = textDemand(demand.literal.slice(0, mark), "whole", demand.ignoreCase);
  return [{ of: "path", repeats: false, anyOf: [mark === -1 ? demand : before] }];
}

function hostTexts(test: string | HostTest): readonly Text[] {
  const host = typeof test === "string" ? { equals: test } : test;
  if ("matches" in host) return [];
  const name = host.equals.toLowerCase().replace(/\.$/, "");
  const demand = name.startsWith("*.")
    ? textDemand(name.slice(1), "end", true)
    : textDemand(name, "whole", true);
  return [{ of: "host", repeats: false, anyOf: [demand] }];
}

function textsOf(
  of: string,
  test: Comparison | Presence,
  { repeats }: { repeats: boolean },
): readonly Text[] {
  if ("present" in test || "absent" in test) return [];
  const demand = demandOfComparison(test);
  return demand === undefined ? [] : [{ of, repeats, anyOf: [demand] }];
}

function demandOfComparison(test: Comparison): TextDemand | undefined {
  if ("matches" in test) return demandOfPattern(parsePattern(test.matches));
  const ignoreCase = test.ignoreCase === true;
  return "equals" in test
    ? textDemand(test.equals, "whole", ignoreCase)
    : textDemand(test.prefix, "begin", ignoreCase);
}

/** What a pattern demands that is nothing but a literal tied to an end of the text. */
function demandOfPattern(pattern: PatternNode): TextDemand | undefined {
  const plain = plainPattern(pattern);
  if (plain === undefined || !(plain.atBegin || plain.atEnd)) return undefined;
  const is = plain.atBegin && plain.atEnd ? "whole" : plain.atBegin ? "begin" : "end";
  return textDemand(plain.literal, is, plain.ignoreCase);
}

function whole(literal: string): TextDemand {
  return textDemand(literal, "whole", false);
}

function textDemand(literal: string, is: TextDemand["is"], ignoreCase: boolean): TextDemand {
  const folded = literal.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  return { literal, folded, is, ignoreCase };
}
