/**
 * Where two answers differ. Written, and read by `--ignore`, as
 * `status` · `header:content-type` · `trailer:grpc-status` · `body` · `body/items/3/price` (a JSON pointer, RFC 6901) ·
 * `body:line 12` · `grpc:message 2` · `grpc:message 2 field 3.1`. Lines and messages count from 1.
 */
export type Place =
  | { readonly at: "status" }
  | { readonly at: "header"; readonly name: string }
  | { readonly at: "trailer"; readonly name: string }
  | { readonly at: "body" }
  | { readonly at: "json"; readonly path: readonly PathStep[] }
  | { readonly at: "line"; readonly line: number }
  | { readonly at: "grpc"; readonly message: number; readonly fields: readonly number[] };

/** A key of an object, or an index of an array. */
export type PathStep = string | number;

/** The place as it is shown and written. */
export function formatPlace(place: Place): string {
  switch (place.at) {
    case "status":
    case "body":
      return place.at;
    case "header":
    case "trailer":
      return `${place.at}:${place.name.toLowerCase()}`;
    case "json":
      return `body${formatPointer(place.path)}`;
    case "line":
      return `body:line ${place.line}`;
    case "grpc":
      return `grpc:message ${place.message}${formatFields(place.fields)}`;
    default:
      return place satisfies never;
  }
}

function formatFields(fields: readonly number[]): string {
  return fields.length === 0 ? "" : ` field ${fields.join(".")}`;
}

/** A JSON pointer; a key that consists of stars is written so that `--ignore` does not take it for a wildcard. */
export function formatPointer(path: readonly PathStep[]): string {
  return path.map((step) => `/${typeof step === "number" ? step : escapeKey(step)}`).join("");
}

/** RFC 6901 §3, and `~2` for a star: the pointer of a rule has wildcards. */
export function escapeKey(key: string): string {
  const escaped = key.replaceAll("~", "~0").replaceAll("/", "~1");
  return key === "*" || key === "**" ? escaped.replaceAll("*", "~2") : escaped;
}

/**
 * The place without what changes from answer to answer: array indexes become `*`, line and message numbers go.
 * Differences that share it are counted as one in a summary, and are one noise.
 */
export function generalPlace(place: Place): string {
  if (place.at === "json")
    return `body${place.path.map((step) => (typeof step === "number" ? "/*" : formatPointer([step]))).join("")}`;
  if (place.at === "line") return "body:line";
  if (place.at === "grpc")
    return place.fields.length === 0 ? "grpc:message" : `grpc:${formatFields(place.fields).trim()}`;
  return formatPlace(place);
}
