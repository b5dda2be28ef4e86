import type { FieldPair } from "./answer.ts";

/** What a body says it is. `lines` is text whose lines are events of their own: NDJSON, event streams. */
export type DeclaredKind = "json" | "text" | "lines" | "grpc" | "bytes" | "unknown";

/** A Content-Type (RFC 9110 §8.3), as far as comparing needs it. */
export interface MediaType {
  readonly kind: DeclaredKind;
  /** Of its `charset`, in lower case; `utf-8` when it says none. */
  readonly charset: string;
}

const textual = new Set(
  ["javascript", "xml", "x-www-form-urlencoded", "graphql", "yaml", "x-yaml", "toml", "sql"].map(
    (name) => `application/${name}`,
  ),
);
const lineByLine = new Set(
  ["application/x-ndjson", "application/ndjson", "application/jsonl", "application/json-seq"].concat(
    "text/event-stream",
  ),
);

/** Reads the first Content-Type of a head. */
export function mediaTypeOf(headers: readonly FieldPair[]): MediaType {
  const value = fieldValues(headers, "content-type")[0] ?? "";
  const [type = "", ...parameters] = value.split(";").map((part) => part.trim().toLowerCase());
  const charset = parameters.find((parameter) => parameter.startsWith("charset="))?.slice("charset=".length);
  return { kind: kindOf(type), charset: charset?.replaceAll('"', "") || "utf-8" };
}

function kindOf(type: string): DeclaredKind {
  if (type === "") return "unknown";
  if (type === "application/grpc" || type.startsWith("application/grpc+")) return "grpc";
  if (type === "application/json" || type.endsWith("+json") || type === "text/json") return "json";
  if (lineByLine.has(type)) return "lines";
  if (type.startsWith("text/") || textual.has(type) || type.endsWith("+xml")) return "text";
  return type === "application/octet-stream" ? "unknown" : "bytes";
}

/** All values of a field, in order. `name` must be in lower case. */
export function fieldValues(headers: readonly FieldPair[], name: string): string[] {
  return headers.filter(([own]) => own.toLowerCase() === name).map(([, value]) => value);
}
