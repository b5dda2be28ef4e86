import type { Comparison, Filter, GrpcTest, HeaderTest, Presence } from "./filter.ts";
import { grpcPart } from "./grpc-parts.ts";
import { isBinaryMetadata } from "./metadata-test.ts";
import { parsePattern } from "./pattern/parse-pattern.ts";
import { plainPattern } from "./pattern/plain-pattern.ts";
import { pinnedLine } from "./pinned-line.ts";
import { plainQuotes } from "./quoting.ts";
import { unwrapped } from "./unwrapped.ts";

/**
 * Whether two filters are the same but for order, repetition, grouping, case where it does not matter, and forms
 * that say the same, such as `header("^a: 1$")` and `header(a) == "1" i`. Patterns are compared as text, so two
 * filters may let the same requests pass and yet not be the same.
 */
export function sameFilter(one: Filter, other: Filter): boolean {
  return keyOf(one) === keyOf(other);
}

/** Filters never change, and one is held against many others. */
const known = new WeakMap<Filter, string>();

function keyOf(filter: Filter): string {
  let key = known.get(filter);
  if (key === undefined) known.set(filter, (key = canonicalKey(filter)));
  return key;
}

/** A text that is equal for two filters just when they are the same. */
export function canonicalKey(filter: Filter): string {
  if ("all" in filter || "any" in filter) return joined(filter);
  if ("not" in filter) return contrary(canonicalKey(filter.not));
  if ("grpc" in filter) {
    const shown = unwrapped(filter);
    return "grpc" in shown ? grpcKey(shown.grpc) : canonicalKey(shown);
  }
  if ("header" in filter) return headerKey([], filter.header);
  if ("query" in filter) return testKey(["query", filter.query.name], filter.query);
  if ("method" in filter) {
    const methods = typeof filter.method === "string" ? [filter.method] : filter.method;
    return JSON.stringify(["method", ...new Set(methods.toSorted())]);
  }
  if ("host" in filter) {
    const host = typeof filter.host === "string" ? { equals: filter.host } : filter.host;
    if ("matches" in host) return testKey(["host"], host);
    return JSON.stringify(["host", host.equals.toLowerCase().replace(/\.$/, "")]);
  }
  const path = typeof filter.path === "string" ? { matches: filter.path } : filter.path;
  const scope = path.query ?? ("matches" in path ? "either" : "without");
  return testKey(["path", scope], path);
}

function joined(filter: Filter & ({ all: readonly Filter[] } | { any: readonly Filter[] })): string {
  const word = "all" in filter ? "all" : "any";
  const keys = new Set<string>();
  const collect = (group: Filter): void => {
    const part = unwrapped(group);
    const inner =
      word === "all" && "all" in part ? part.all : word === "any" && "any" in part ? part.any : undefined;
    if (inner === undefined) keys.add(canonicalKey(part));
    else for (const one of inner) collect(one);
  };
  collect(filter);
  const [only] = keys;
  return keys.size === 1 && only !== undefined ? only : `${word}(${[...keys].sort().join(",")})`;
}

function contrary(key: string): string {
  return key.startsWith("!") ? key.slice(1) : `!${key}`;
}

function grpcKey(grpc: GrpcTest): string {
  const part = grpcPart(grpc);
  if (part.on === "metadata") return headerKey(["grpc"], part.test);
  // Every service and every method begins with nothing, and every call has both.
  if (part.on === "call" || ("prefix" in part.test && part.test.prefix === ""))
    return testKey(["grpc"], { present: true });
  return testKey(["grpc", part.on], part.test);
}

function headerKey(within: readonly string[], header: string | HeaderTest): string {
  if (typeof header !== "string") return testKey([...within, "header", header.name.toLowerCase()], header);
  const pinned = pinnedLine(parsePattern(header));
  const plain = pinned?.value === undefined ? undefined : plainPattern(pinned.value);
  // A line shows binary metadata as it was sent, a test of its value does not.
  const binary = within.length > 0 && pinned !== undefined && isBinaryMetadata(pinned.lowerName);
  if (pinned === undefined || plain === undefined || binary)
    return JSON.stringify([...within, "line", plainQuotes(header)]);
  const { literal, ignoreCase } = plain;
  const test = plain.atEnd ? { equals: literal, ignoreCase } : { prefix: literal, ignoreCase };
  return testKey([...within, "header", pinned.lowerName], test);
}

function testKey(subject: readonly string[], test: Comparison | Presence): string {
  if ("present" in test) return JSON.stringify([...subject, "present"]);
  if ("absent" in test) return contrary(JSON.stringify([...subject, "present"]));
  if ("matches" in test) return JSON.stringify([...subject, "=~", plainQuotes(test.matches)]);
  const text = "equals" in test ? test.equals : test.prefix;
  // Every value begins with nothing; a path is not always there, but then "present" says that too.
  if ("prefix" in test && text === "") return JSON.stringify([...subject, "present"]);
  const sign = "equals" in test ? "==" : "^=";
  const lower = text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  const folds = test.ignoreCase === true && /[A-Za-z]/.test(text);
  return JSON.stringify([...subject, sign, folds ? lower : text, ...(folds ? ["i"] : [])]);
}
