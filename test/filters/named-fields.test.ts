import t from "tap";
import { namedFields, parseFilter } from "../../src/filters/index.ts";

const cases: readonly (readonly [filter: string, names: readonly string[]])[] = [
  ["header(X-Tenant) == blue", ["x-tenant"]],
  ['header("^X-User: a") && !header(x-probe)', ["x-probe", "x-user"]],
  ['header("blue")', []],
  ['host == a.example || path == "/x"', ["host"]],
  ["grpc.service == a.B", ["content-type"]],
  ["grpc.metadata(x-a) == 1", ["content-type", "x-a"]],
  ["method == GET && query(token) == 1", []],
  ["true", []],
];

void t.test("a filter names the fields whose values it asks for, in lower case", (t) => {
  for (const [filter, names] of cases) t.same([...namedFields(parseFilter(filter))].sort(), names, filter);
  t.end();
});
