import type { RequestHead } from "../http/index.ts";
import type {
  Comparison,
  Filter,
  GrpcTest as GrpcTestForm,
  HeaderTest,
  QueryTest as QueryTestForm,
} from "./filter.ts";
import { metadataTests, nameTest } from "./grpc-parts.ts";
import { GrpcTest } from "./grpc-test.ts";
import { AllTest, AnyTest, MethodTest, NotTest } from "./head-test.ts";
import type { HeadTest } from "./head-test.ts";
import { FieldTest, LineTest } from "./header-test.ts";
import { HostTest } from "./host-test.ts";
import { metadataTest } from "./metadata-test.ts";
import { PathTest } from "./path-test.ts";
import { Pattern } from "./pattern/pattern.ts";
import { QueryTest } from "./query-test.ts";
import { textTest } from "./text-test.ts";
import type { TextTest } from "./text-test.ts";

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
  if ("header" in filter) return fieldTest(filter.header, (_, comparison) => textTest(comparison));
  if ("path" in filter)
    return new PathTest(typeof filter.path === "string" ? { matches: filter.path } : filter.path);
  if ("method" in filter)
    return new MethodTest(typeof filter.method === "string" ? [filter.method] : filter.method);
  if ("host" in filter)
    return new HostTest(typeof filter.host === "string" ? { equals: filter.host } : filter.host);
  if ("query" in filter) return parameterTest(filter.query);
  if ("grpc" in filter) return callTest(filter.grpc);
  if ("all" in filter) return new AllTest(filter.all.map(headTest));
  if ("any" in filter) return new AnyTest(filter.any.map(headTest));
  return new NotTest(headTest(filter.not));
}

function fieldTest(
  test: string | HeaderTest,
  valueTest: (name: string, comparison: Comparison) => TextTest,
): HeadTest {
  if (typeof test === "string") return new LineTest(new Pattern(test));
  const name = test.name.toLowerCase();
  if ("present" in test) return new FieldTest(name);
  if ("absent" in test) return new NotTest(new FieldTest(name));
  return new FieldTest(name, valueTest(name, test));
}

function callTest(grpc: GrpcTestForm): HeadTest {
  const { service, method } = grpc;
  const metadata = metadataTests(grpc).map((test) => fieldTest(test, metadataTest));
  return new GrpcTest({
    ...(service !== undefined && { service: textTest(nameTest(service)) }),
    ...(method !== undefined && { method: textTest(nameTest(method)) }),
    ...(metadata.length > 0 && { metadata: new AllTest(metadata) }),
  });
}

function parameterTest(test: QueryTestForm): HeadTest {
  if ("present" in test) return new QueryTest(test.name);
  if ("absent" in test) return new NotTest(new QueryTest(test.name));
  return new QueryTest(test.name, textTest(test));
}
