import type { RequestHead } from "../http/index.ts";
import type { Comparison, Filter, GrpcTest, HeaderTest, Presence } from "./filter.ts";
import { grpcCall } from "./grpc-call.ts";
import type { NoGrpcCall } from "./grpc-call.ts";
import { grpcPart } from "./grpc-parts.ts";
import { lineMatches } from "./header-test.ts";
import { hostOf } from "./host-test.ts";
import type { Masking } from "./masking.ts";
import { metadataTest } from "./metadata-test.ts";
import { originForm, pathEnd } from "./origin-form.ts";
import { parsePattern } from "./pattern/parse-pattern.ts";
import { Pattern } from "./pattern/pattern.ts";
import { pathScope } from "./path-test.ts";
import { type PinnedLine, pinnedLine } from "./pinned-line.ts";
import { decodeQuery, someParameter } from "./query-test.ts";
import { textTest } from "./text-test.ts";
import type { TextTest } from "./text-test.ts";

/** The request, the answer that one clause gave to it, and how to show values. */
export interface Asked {
  readonly head: RequestHead;
  readonly result: boolean;
  readonly masking: Masking;
}

/** What one clause found and, where that was not it, what it wanted instead: both in words that follow each other. */
export interface ClauseAnswer {
  readonly had: string;
  /** Behind "wants" and "wanted". */
  readonly wanted?: string;
}

/** Why one clause, neither joined nor negated, holds or not. */
export function explainClause(filter: Filter, asked: Asked): ClauseAnswer {
  const { head, result, masking } = asked;
  if ("header" in filter) return explainHeader(filter.header, asked, (_, test) => textTest(test));
  if ("query" in filter) return explainParameter(filter.query.name, filter.query, asked);
  if ("grpc" in filter) return explainGrpc(filter.grpc, asked);
  if ("path" in filter) {
    const test = typeof filter.path === "string" ? { matches: filter.path } : filter.path;
    const target = originForm(head);
    if (target === undefined) return { had: "a CONNECT request has no path" };
    const shown = pathScope(test) === "without" ? target.slice(0, pathEnd(target)) : target;
    return compared(`the path was ${masking.target(shown)}`, test, asked);
  }
  if ("host" in filter) {
    const test = typeof filter.host === "string" ? { equals: filter.host } : filter.host;
    const host = hostOf(head.authority);
    if (host === "") return compared("the request names no host", test, asked);
    if (!masking.shows("host")) return unshown("the host", test, asked);
    return compared(`the host was ${masking.text(host)}`, test, asked);
  }
  if ("method" in filter) {
    const wanted = typeof filter.method === "string" ? filter.method : filter.method.join(" or ");
    const had = `the method was ${masking.text(head.method)}`;
    return result ? { had } : { had, wanted: masking.text(wanted) };
  }
  return { had: "" };
}

function explainGrpc(grpc: GrpcTest, asked: Asked): ClauseAnswer {
  const { head, masking } = asked;
  const part = grpcPart(grpc);
  const call = grpcCall(head);
  if (typeof call === "string") return { had: `it is no gRPC call: ${missing(call, asked)}` };
  if (part.on === "call") return { had: "it is a gRPC call" };
  if (part.on === "metadata") return explainHeader(part.test, asked, metadataTest);
  const { path, slash, end } = call;
  const name = part.on === "service" ? path.slice(1, slash) : path.slice(slash + 1, end);
  return compared(`the gRPC ${part.on} was ${masking.text(name)}`, part.test, asked);
}

function missing(missed: NoGrpcCall, { head, masking }: Asked): string {
  if (missed === "method") return `its method is ${masking.text(head.method)}`;
  if (missed === "path") return `its path is ${masking.target(head.target)}, not /service/method`;
  const contentType = head.fields.first("content-type");
  if (contentType === undefined) return "it has no content-type";
  if (!masking.shows("content-type")) return "its content-type is something else";
  return `its content-type is ${masking.value("content-type", contentType)}`;
}

/** How the value of a field is compared. */
type ValueTest = (name: string, test: Comparison) => TextTest;

function explainHeader(header: string | HeaderTest, asked: Asked, valueTest: ValueTest): ClauseAnswer {
  if (typeof header === "string") return explainLine(header, asked);
  const { head, result, masking } = asked;
  const { name } = header;
  const values = head.fields.all(name.toLowerCase());
  const shownName = masking.text(name);
  const isThere = values.length > 0;
  const had = isThere ? `there is a ${shownName} field` : `no ${shownName} field`;
  if ("present" in header || "absent" in header) return { had };
  if (!isThere) return compared(had, header, asked);
  if (!masking.shows(name)) return unshown(shownName, header, asked);
  const wanted = valueTest(name, header);
  const telling = result ? values.filter((value) => wanted.test(value, 0, value.length)) : values;
  return compared(`${shownName} was ${list(name, telling, masking)}`, header, asked);
}

function explainParameter(name: string, test: Comparison | Presence, asked: Asked): ClauseAnswer {
  const { head, masking } = asked;
  const values: string[] = [];
  someParameter(head, (one, value) => {
    if (decodeQuery(one) === name) values.push(decodeQuery(value));
    return false;
  });
  const shownName = masking.text(name);
  const isThere = values.length > 0;
  const had = isThere ? `there is a ${shownName} parameter` : `no ${shownName} parameter`;
  if ("present" in test || "absent" in test) return { had };
  if (!isThere) return compared(had, test, asked);
  return compared(`the parameter ${shownName} was ${list(name, values, masking)}`, test, asked);
}

function explainLine(pattern: string, { head, result, masking }: Asked): ClauseAnswer {
  const { fields } = head;
  const shown = masking.text(pattern);
  if (result) {
    const { compiled } = knownLine(pattern);
    for (let index = 0; index < fields.count; index++) {
      if (!lineMatches(compiled, fields, index)) continue;
      const name = fields.name(index);
      if (!masking.shows(name)) return { had: `a line of ${masking.text(name)} matches ${shown}` };
      return { had: `${masking.line(name, fields.value(index))} matches ${shown}` };
    }
  }
  const { pinned } = knownLine(pattern);
  if (pinned === undefined) return { had: `no field matches ${shown}` };
  const name = masking.text(pinned.lowerName);
  const values = fields.all(pinned.lowerName);
  if (values.length === 0) return { had: `no ${name} field`, wanted: shown };
  if (!masking.shows(pinned.lowerName)) return { had: `${name} was something else`, wanted: shown };
  return { had: `${name} was ${list(pinned.lowerName, values, masking)}`, wanted: shown };
}

/** A pattern for a line, and what is made of it when it is needed. */
class KnownLine {
  readonly pinned: PinnedLine | undefined;
  readonly #pattern: string;
  #compiled: Pattern | undefined;

  constructor(pattern: string) {
    this.#pattern = pattern;
    this.pinned = pinnedLine(parsePattern(pattern));
  }

  get compiled(): Pattern {
    return (this.#compiled ??= new Pattern(this.#pattern));
  }
}

/** Patterns that were explained lately: the same ones come again and again. */
const knownLines = new Map<string, KnownLine>();
const maxKnownLines = 256;

function knownLine(pattern: string): KnownLine {
  const known = knownLines.get(pattern);
  if (known !== undefined) return known;
  if (knownLines.size >= maxKnownLines) knownLines.clear();
  const made = new KnownLine(pattern);
  knownLines.set(pattern, made);
  return made;
}

function list(name: string, values: readonly string[], masking: Masking): string {
  return [...new Set(values)].map((value) => masking.value(name, value)).join(" and ");
}

/** The same without the value, for whoever may not see it. */
function unshown(what: string, test: Comparison, asked: Asked): ClauseAnswer {
  return asked.result
    ? { had: `${what} was as wanted` }
    : compared(`${what} was something else`, test, asked);
}

function compared(what: string, test: Comparison, { result, masking }: Asked): ClauseAnswer {
  if ("matches" in test) {
    const pattern = masking.text(test.matches);
    return result ? { had: `${what}, which matches ${pattern}` } : { had: what, wanted: pattern };
  }
  if ("prefix" in test) {
    const prefix = masking.text(test.prefix);
    if (result) return { had: `${what}, which begins with ${prefix}` };
    return { had: what, wanted: `one that begins with ${prefix}` };
  }
  return result ? { had: what } : { had: what, wanted: masking.text(test.equals) };
}
