import type {
  Comparison,
  Filter,
  GrpcTest,
  HeaderTest,
  HostTest,
  PathTest,
  Presence,
  QueryTest,
} from "./filter.ts";
import { FilterReader, join } from "./filter-reader.ts";
import type { Loose } from "./filter-reader.ts";
import { suggestion } from "./suggestion.ts";

const clauses = ["header", "path", "method", "host", "query", "grpc", "all", "any", "not"] as const;
const comparisons = ["equals", "prefix", "matches"] as const;
const presences = ["present", "absent"] as const;

/** The methods of RFC 9110 §9 and RFC 5789, which nobody means in lower case. */
const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "CONNECT", "OPTIONS", "TRACE"];

/**
 * Makes a filter of what came over the wire or out of a configuration; the result shares nothing with `value`.
 * @throws FilterError with the `path` in the tree, and for patterns with their source and position.
 */
export function readFilter(value: unknown): Filter {
  const reader = new FilterReader();
  const filter = readClause(value, { reader, path: "", depth: 0 });
  states.set(filter, reader.states);
  return filter;
}

/** Of filters that were read. */
const states = new WeakMap<Filter, number>();

/** The states of all patterns of a filter that `readFilter` gave: what it takes of memory once it is compiled follows them. */
export function statesOf(filter: Filter): number {
  return states.get(filter) ?? 0;
}

interface Place {
  readonly reader: FilterReader;
  readonly path: string;
  /** How many clauses are around this one. */
  readonly depth: number;
}

function readClause(value: unknown, { reader, path, depth }: Place): Filter {
  reader.enter(path, depth);
  if (typeof value === "object" && value !== null && Object.hasOwn(value, "body")) {
    const hint = `Known here: ${clauses.join(", ")}.`;
    throw reader.fail("unknown-key", join(path, "body"), "filters by body are not there yet", hint);
  }
  const object = reader.object(value, path, "a filter", clauses);
  const key = reader.oneOf(object, path, "a filter", clauses);
  const place = { reader, path: join(path, key), depth: depth + 1 };
  const content = object[key];
  switch (key) {
    case "header":
      if (typeof content === "string") return { header: reader.pattern(content, place.path) };
      return { header: readHeader(content, place, "header") };
    case "path":
      if (typeof content === "string") return { path: reader.pattern(content, place.path) };
      return { path: readPath(content, place) };
    case "method":
      return { method: readMethod(content, place) };
    case "host":
      if (typeof content === "string") return { host: readHostName(content, place) };
      return { host: readHost(content, place) };
    case "query":
      return { query: readQuery(content, place) };
    case "grpc":
      return { grpc: readGrpc(content, place) };
    case "all":
      return { all: readList(content, place) };
    case "any":
      return { any: readList(content, place) };
    default:
      return { not: readClause(content, place) };
  }
}

function readList(value: unknown, { reader, path, depth }: Place): Filter[] {
  if (!Array.isArray(value))
    throw reader.fail("bad-value", path, "a list of filters is not a list", "Write [ … ].");
  return value.map((item: unknown, index) => readClause(item, { reader, path: join(path, index), depth }));
}

function readHeader(value: unknown, { reader, path }: Place, what: "header" | "metadata"): HeaderTest {
  const keys = ["name", ...comparisons, ...presences, "ignoreCase"] as const;
  const object = reader.object(value, path, what, keys);
  const name = reader.token(
    object["name"],
    join(path, "name"),
    `the name of ${what === "header" ? "a header" : what}`,
  );
  return { name, ...readComparisonOrPresence(object, { reader, path, depth: 0 }, what) };
}

function readQuery(value: unknown, { reader, path }: Place): QueryTest {
  const keys = ["name", ...comparisons, ...presences, "ignoreCase"] as const;
  const object = reader.object(value, path, "query", keys);
  const name = reader.string(object["name"], join(path, "name"), "the name of a parameter");
  return { name, ...readComparisonOrPresence(object, { reader, path, depth: 0 }, "query") };
}

function readPath(value: unknown, { reader, path }: Place): PathTest {
  const object = reader.object(value, path, "path", [...comparisons, "ignoreCase", "query"]);
  const comparison = readComparison(object, { reader, path, depth: 0 }, "path");
  const { query } = object;
  if (query === undefined) return comparison;
  if (query === "with" || query === "without") return { ...comparison, query };
  throw reader.fail("bad-value", join(path, "query"), 'query is neither "with" nor "without"');
}

function readGrpc(value: unknown, { reader, path, depth }: Place): GrpcTest {
  const object = reader.object(value, path, "grpc", ["service", "method", "metadata", "present"]);
  const { service, method, metadata, present } = object;
  if (service === undefined && method === undefined && metadata === undefined) {
    if (present !== undefined) return { present: reader.yes(present, join(path, "present"), "present") };
    const hint = "Give it service, method or metadata, or present for any gRPC call.";
    throw reader.fail("missing-key", path, "grpc says nothing", hint);
  }
  if (present !== undefined) {
    const hint = "Leave present out: the others hold for gRPC calls only.";
    throw reader.fail("too-many-keys", join(path, "present"), "grpc has present beside others", hint);
  }
  const place = (key: string) => ({ reader, path: join(path, key), depth });
  return {
    ...(service !== undefined && { service: readGrpcName(service, place("service"), "service") }),
    ...(method !== undefined && { method: readGrpcName(method, place("method"), "method") }),
    ...(metadata !== undefined && { metadata: readMetadata(metadata, place("metadata")) }),
  };
}

function readGrpcName(value: unknown, place: Place, what: "service" | "method"): string | Comparison {
  const { reader, path } = place;
  reader.enter(path, 0);
  if (typeof value === "string") {
    checkGrpcName(reader.string(value, path, `a ${what}`), place, what);
    return value;
  }
  const test = readComparison(reader.object(value, path, what, [...comparisons, "ignoreCase"]), place, what);
  if ("equals" in test) checkGrpcName(test.equals, { ...place, path: join(path, "equals") }, what);
  // With something behind it, since a prefix may be empty or end anywhere.
  if ("prefix" in test) checkGrpcName(`${test.prefix}x`, { ...place, path: join(path, "prefix") }, what);
  return test;
}

/** Refuses what can only be a mistake. */
function checkGrpcName(name: string, { reader, path }: Place, what: "service" | "method"): void {
  if (name === "") throw reader.fail("bad-value", path, `a ${what} is empty`);
  if (what === "service" && name.startsWith("/")) {
    const hint = "The path is /service/method; the service is what is between the slashes.";
    throw reader.fail("bad-value", path, "a service begins with a slash", hint);
  }
  if (what === "service" && name.endsWith("/"))
    throw reader.fail("bad-value", path, "a service ends with a slash", "Leave the slash out.");
  if (what === "method" && name.includes("/")) {
    const hint = "A method is its name alone, as AddItem; the service is compared apart.";
    throw reader.fail("bad-value", path, "a method has a slash", hint);
  }
}

function readMetadata(value: unknown, place: Place): NonNullable<GrpcTest["metadata"]> {
  const { reader, path } = place;
  const one = (test: unknown, at: Place) => {
    reader.enter(at.path, 0);
    return typeof test === "string" ? reader.pattern(test, at.path) : readHeader(test, at, "metadata");
  };
  if (!Array.isArray(value)) return one(value, place);
  if (value.length === 0) throw reader.fail("bad-value", path, "a list of metadata is empty");
  return value.map((test: unknown, index) => one(test, { ...place, path: join(path, index) }));
}

function readHost(value: unknown, { reader, path, depth }: Place): HostTest {
  const object = reader.object(value, path, "host", ["equals", "matches"]);
  const key = reader.oneOf(object, path, "host", ["equals", "matches"]);
  const place = { reader, path: join(path, key), depth };
  if (key === "equals") return { equals: readHostName(object[key], place) };
  return { matches: reader.pattern(object[key], place.path) };
}

function readHostName(value: unknown, { reader, path }: Place): string {
  const name = reader.string(value, path, "a host");
  const inner = name.startsWith("*.") ? name.slice(2) : name;
  if (/^\[[0-9A-Fa-f:.]+\]$/.test(inner) || /^[^\s*:/?#@[\]]+$/.test(inner)) return name;
  if (/:\d*$/.test(inner))
    throw reader.fail("bad-value", path, "a host has a port", "Leave the port out: it is not compared.");
  if (inner.includes("*")) {
    const hint = "A star stands alone at the begin, *.example; write { matches } for more.";
    throw reader.fail("bad-value", path, "a host has a star where it means nothing", hint);
  }
  throw reader.fail(
    "bad-value",
    path,
    inner === "" ? "a host is empty" : "a host has a character that no host has",
  );
}

function readMethod(value: unknown, { reader, path }: Place): string | string[] {
  const check = (one: unknown, place: string): string => {
    const method = reader.token(one, place, "a method");
    if (methods.includes(method) || !methods.includes(method.toUpperCase())) return method;
    const hint = suggestion(method.toUpperCase(), methods);
    throw reader.fail("bad-value", place, `methods are case-sensitive and nobody sends ${method}`, hint);
  };
  if (!Array.isArray(value)) return check(value, path);
  if (value.length === 0) throw reader.fail("bad-value", path, "a list of methods is empty");
  return value.map((one: unknown, index) => {
    reader.enter(join(path, index), 0);
    return check(one, join(path, index));
  });
}

function readComparisonOrPresence(object: Loose, place: Place, what: string): Comparison | Presence {
  const key = place.reader.oneOf(object, place.path, what, [...comparisons, ...presences]);
  if (key !== "present" && key !== "absent") return readComparison(object, place, what);
  refuseIgnoreCase(object, place, key);
  const yes = place.reader.yes(object[key], join(place.path, key), key);
  return key === "present" ? { present: yes } : { absent: yes };
}

function readComparison(object: Loose, place: Place, what: string): Comparison {
  const { reader, path } = place;
  const key = reader.oneOf(object, path, what, comparisons);
  if (key === "matches") {
    refuseIgnoreCase(object, place, key);
    return { matches: reader.pattern(object[key], join(path, key)) };
  }
  const text = reader.string(object[key], join(path, key), key);
  const { ignoreCase } = object;
  if (ignoreCase !== undefined && typeof ignoreCase !== "boolean") {
    throw reader.fail("bad-value", join(path, "ignoreCase"), "ignoreCase is neither true nor false");
  }
  const option = ignoreCase === true ? { ignoreCase } : {};
  return key === "equals" ? { equals: text, ...option } : { prefix: text, ...option };
}

function refuseIgnoreCase(object: Loose, { reader, path }: Place, key: string): void {
  if (object["ignoreCase"] === undefined) return;
  const hint = key === "matches" ? "A pattern ignores case by itself; (?-i) turns that off." : "";
  throw reader.fail("bad-value", join(path, "ignoreCase"), `ignoreCase says nothing beside ${key}`, hint);
}
