import type { Comparison, Filter, HeaderTest, Presence } from "./filter.ts";
import { grpcPart } from "./grpc-parts.ts";
import { quotePattern, quoteText } from "./quoting.ts";
import { unwrapped } from "./unwrapped.ts";

/** The filter as an expression that `parseFilter` reads as the same filter; one line. */
export function formatFilter(filter: Filter): string {
  const shown = unwrapped(filter);
  if ("all" in shown) return formatList(shown.all, " && ", "true");
  if ("any" in shown) return formatList(shown.any, " || ", "false");
  if ("not" in shown) return formatNot(unwrapped(shown.not));
  return formatClause(shown, false) as string;
}

function formatList(parts: readonly Filter[], separator: string, empty: string): string {
  if (parts.length === 0) return empty;
  return parts
    .map((part) => (isJoined(part) ? `(${formatFilter(part)})` : formatFilter(part)))
    .join(separator);
}

function formatNot(inner: Filter): string {
  if (isJoined(inner)) return `!(${formatFilter(inner)})`;
  return formatClause(inner, true) ?? `!${formatFilter(inner)}`;
}

/** Whether a filter is written with an operator between its parts. */
function isJoined(filter: Filter): boolean {
  const shown = unwrapped(filter);
  return ("all" in shown && shown.all.length > 0) || ("any" in shown && shown.any.length > 0);
}

/** One clause or its contrary; undefined when the contrary has no form of its own. */
function formatClause(filter: Filter, negated: boolean): string | undefined {
  if ("header" in filter) {
    return formatFields("header", filter.header, negated);
  }
  if ("grpc" in filter) {
    const part = grpcPart(filter.grpc);
    if (part.on === "metadata") return formatFields("grpc.metadata", part.test, negated);
    if (part.on === "call") return negated ? "!grpc" : "grpc";
    return formatTest(`grpc.${part.on}`, part.test, negated);
  }
  if ("query" in filter) return formatTest(`query(${formatName(filter.query.name)})`, filter.query, negated);
  if ("path" in filter) {
    const { path } = filter;
    if (typeof path === "string") return negated ? undefined : `path(${quotePattern(path)})`;
    if (path.query !== undefined) return formatTest(`path(${path.query} query)`, path, negated);
    if ("matches" in path) return negated ? undefined : `path(${quotePattern(path.matches)})`;
    return formatTest("path", path, negated);
  }
  if ("host" in filter) {
    const { host } = filter;
    return formatTest("host", typeof host === "string" ? { equals: host } : host, negated);
  }
  if ("method" in filter) {
    const methods = typeof filter.method === "string" ? [filter.method] : filter.method;
    const names = methods.map((method) => (/^[A-Za-z0-9_]+$/.test(method) ? method : quoteText(method)));
    if (names.length === 1) return `method ${negated ? "!=" : "=="} ${names[0]}`;
    return `method ${negated ? "not in" : "in"} (${names.join(", ")})`;
  }
  return undefined;
}

function formatFields(subject: string, header: string | HeaderTest, negated: boolean): string | undefined {
  if (typeof header === "string") return negated ? undefined : `${subject}(${quotePattern(header)})`;
  // A quoted name is a name only before a comparison, and every value begins with nothing.
  const bare = "present" in header || "absent" in header;
  const test = bare && !isWord(header.name) ? { prefix: "" } : header;
  const contrary = negated !== (test !== header && "absent" in header);
  const named = `${subject}(${formatName(header.name)})`;
  const text = formatTest(named, test, contrary);
  return text === undefined && !negated ? `!${formatTest(named, test, false)}` : text;
}

function formatTest(subject: string, test: Comparison | Presence, negated: boolean): string | undefined {
  if ("present" in test) return negated ? `!${subject}` : subject;
  if ("absent" in test) return negated ? subject : `!${subject}`;
  if ("matches" in test) return `${subject} ${negated ? "!~" : "=~"} ${quotePattern(test.matches)}`;
  const option = test.ignoreCase === true ? " i" : "";
  if ("equals" in test) return `${subject} ${negated ? "!=" : "=="} ${quoteText(test.equals)}${option}`;
  return negated ? undefined : `${subject} ^= ${quoteText(test.prefix)}${option}`;
}

function formatName(name: string): string {
  return isWord(name) ? name : quoteText(name);
}

function isWord(name: string): boolean {
  return /^[A-Za-z0-9_*][A-Za-z0-9_.*-]*$/.test(name);
}
