import type { Comparison, Filter, GrpcTest, HeaderTest, Presence } from "../../src/filters/index.ts";
import type { RequestHead } from "../../src/http/index.ts";

/** What a filter means, said as simply as possible: with `RegExp`, `URLSearchParams` and cut-out strings. */
export function reference(filter: Filter, head: RequestHead): boolean {
  if ("all" in filter) return filter.all.every((part) => reference(part, head));
  if ("any" in filter) return filter.any.some((part) => reference(part, head));
  if ("not" in filter) return !reference(filter.not, head);
  if ("method" in filter) return [filter.method].flat().includes(head.method);
  if ("header" in filter) {
    const { header } = filter;
    if (typeof header === "string")
      return head.fields.pairs().some(([name, value]) => finds(header, `${name}: ${value}`));
    return some(header, head.fields.all(header.name.toLowerCase()));
  }
  if ("grpc" in filter) return grpcReference(filter.grpc, head);
  if ("host" in filter) {
    const host = head.authority.replace(/^.*@/, "").replace(/:\d*$/, "").replace(/\.$/, "").toLowerCase();
    const test = typeof filter.host === "string" ? { equals: filter.host } : filter.host;
    if ("matches" in test) return finds(test.matches, host);
    const name = test.equals.toLowerCase().replace(/\.$/, "");
    return name.startsWith("*.") ? host.endsWith(name.slice(1)) && host.length >= name.length : host === name;
  }
  const target = originForm(head);
  if (target === undefined) return "query" in filter && "absent" in filter.query;
  const [path = "", ...rest] = target.split("?");
  const search = rest.join("?");
  if ("query" in filter) return some(filter.query, new URLSearchParams(search).getAll(filter.query.name));
  const test = typeof filter.path === "string" ? { matches: filter.path } : filter.path;
  const scope = test.query ?? ("matches" in test ? "either" : "without");
  return (scope !== "with" && passes(test, path)) || (scope !== "without" && passes(test, target));
}

function grpcReference(grpc: GrpcTest, head: RequestHead): boolean {
  const [path = ""] = (originForm(head) ?? "").split("?");
  const call = /^\/(?<service>.+)\/(?<method>[^/]+)$/.exec(path)?.groups;
  const [contentType = ""] = head.fields.all("content-type");
  const [type = ""] = contentType.toLowerCase().split(/[+;]/);
  if (head.method !== "POST" || type !== "application/grpc" || call === undefined) return false;
  const { service, method, metadata = [] } = grpc;
  const named = (test: string | Comparison, name: string | undefined) =>
    passes(typeof test === "string" ? { equals: test } : test, name ?? "");
  return (
    (service === undefined || named(service, call["service"])) &&
    (method === undefined || named(method, call["method"])) &&
    [metadata].flat().every((test) => metadataReference(test, head))
  );
}

function metadataReference(test: string | HeaderTest, head: RequestHead): boolean {
  if (typeof test === "string") return reference({ header: test }, head);
  const values = head.fields.all(test.name.toLowerCase());
  if (!test.name.toLowerCase().endsWith("-bin")) return some(test, values);
  // Node encodes with padding; what it decodes may have none.
  const texts = values.flatMap((value) => value.split(",")).map((text) => Buffer.from(text, "base64"));
  return some(
    test,
    texts.flatMap((bytes) => [bytes.toString("base64"), bytes.toString("base64").replaceAll("=", "")]),
  );
}

function originForm(head: RequestHead): string | undefined {
  if (head.target.startsWith("/") || head.target === "*") return head.target;
  if (head.method === "CONNECT") return undefined;
  return /^http:/.test(head.target) ? head.target.replace(/^http:\/\/h/, "").replace(/^$/, "/") : head.target;
}

function some(test: Comparison | Presence, values: readonly string[]): boolean {
  if ("present" in test) return values.length > 0;
  if ("absent" in test) return values.length === 0;
  return values.some((value) => passes(test, value));
}

function passes(test: Comparison, value: string): boolean {
  if ("matches" in test) return finds(test.matches, value);
  const lower = (text: string) => (test.ignoreCase === true ? text.toLowerCase() : text);
  return "equals" in test ? lower(value) === lower(test.equals) : lower(value).startsWith(lower(test.prefix));
}

function finds(pattern: string, text: string): boolean {
  const sensitive = pattern.startsWith("(?-i)");
  return new RegExp(sensitive ? pattern.slice(5) : pattern, sensitive ? "" : "i").test(text);
}
