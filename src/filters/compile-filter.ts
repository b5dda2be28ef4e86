import type { RequestHead } from "../http/index.ts";
import type { Filter, HeaderTest, QueryTest as QueryTestForm } from "./filter.ts";
import { AllTest, AnyTest, MethodTest, NotTest } from "./head-test.ts";
import type { HeadTest } from "./head-test.ts";
import { FieldTest, LineTest } from "./header-test.ts";
import { HostTest } from "./host-test.ts";
import { PathTest } from "./path-test.ts";
import { Pattern } from "./pattern/pattern.ts";
import { QueryTest } from "./query-test.ts";
import { textTest } from "./text-test.ts";

/** A filter ready to be asked about requests. It keeps nothing of a request and needs no closing. */
export interface CompiledFilter {
  /** The filter it was made from. */
  readonly filter: Filter;
  /** Whether the request passes. Takes time linear in the head, whatever the patterns are. */
  matches(head: RequestHead): boolean;
}

/**
 * Makes a filter ready.
 * @throws FilterError `pattern-*` for a filter that did not come from `readFilter` or `parseFilter`.
 */
export function compileFilter(filter: Filter): CompiledFilter {
  const test = headTest(filter);
  return { filter, matches: (head) => test.matches(head) };
}

function headTest(filter: Filter): HeadTest {
  if ("header" in filter) {
    return typeof filter.header === "string"
      ? new LineTest(new Pattern(filter.header))
      : fieldTest(filter.header);
  }
  if ("path" in filter)
    return new PathTest(typeof filter.path === "string" ? { matches: filter.path } : filter.path);
  if ("method" in filter)
    return new MethodTest(typeof filter.method === "string" ? [filter.method] : filter.method);
  if ("host" in filter)
    return new HostTest(typeof filter.host === "string" ? { equals: filter.host } : filter.host);
  if ("query" in filter) return parameterTest(filter.query);
  if ("all" in filter) return new AllTest(filter.all.map(headTest));
  if ("any" in filter) return new AnyTest(filter.any.map(headTest));
  return new NotTest(headTest(filter.not));
}

function fieldTest(test: HeaderTest): HeadTest {
  const name = test.name.toLowerCase();
  if ("present" in test) return new FieldTest(name);
  if ("absent" in test) return new NotTest(new FieldTest(name));
  return new FieldTest(name, textTest(test));
}

function parameterTest(test: QueryTestForm): HeadTest {
  if ("present" in test) return new QueryTest(test.name);
  if ("absent" in test) return new NotTest(new QueryTest(test.name));
  return new QueryTest(test.name, textTest(test));
}
