import type { Filter } from "./filter.ts";
import { metadataTests } from "./grpc-parts.ts";
import { parsePattern } from "./pattern/parse-pattern.ts";
import { pinnedLine } from "./pinned-line.ts";

/**
 * The fields whose values a filter asks for, in lower case. A pattern for lines of any field names none. `host` stands for
 * the host of the request wherever it was said, and every gRPC clause asks for the content type.
 */
export function namedFields(filter: Filter): ReadonlySet<string> {
  const names = new Set<string>();
  collect(filter, names);
  return names;
}

function collect(filter: Filter, names: Set<string>): void {
  if ("all" in filter) for (const part of filter.all) collect(part, names);
  else if ("any" in filter) for (const part of filter.any) collect(part, names);
  else if ("not" in filter) collect(filter.not, names);
  else if ("host" in filter) names.add("host");
  else if ("header" in filter) addName(filter.header, names);
  else if ("grpc" in filter) {
    names.add("content-type");
    for (const test of metadataTests(filter.grpc)) addName(test, names);
  }
}

function addName(test: string | { readonly name: string }, names: Set<string>): void {
  if (typeof test !== "string") names.add(test.name.toLowerCase());
  else {
    const pinned = pinnedLine(parsePattern(test));
    if (pinned !== undefined) names.add(pinned.lowerName);
  }
}
