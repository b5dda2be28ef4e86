import { z } from "zod";
import { parseFilter, readFilter } from "../../../filters/index.ts";
import { filterOfFlags } from "../../subscription-flags/filter-flags.ts";
import type { ClientError } from "../../errors.ts";
import { field, several, textReadBy } from "./field.ts";
import { readBy } from "./problem-of-value.ts";

/** The flags of a filter that a text in a file stands for. */
type FilterFlag = "header" | "path" | "method" | "host" | "query" | "grpc";

const none = { header: [], path: [], method: [], host: [], query: [], grpc: [], filter: [] };

/** A text as it is written after the flag. */
function flagText(flag: FilterFlag) {
  const read = (text: string) => {
    const problems: ClientError[] = [];
    filterOfFlags({ ...none, [flag]: [text] }, problems);
    const [first] = problems;
    if (first !== undefined) throw first;
  };
  return z.string().check(readBy(read, { isWrapped: true }));
}

/** A test as it stands in a filter of JSON, whose form `src/filters` knows. */
function test(key: FilterFlag | "not") {
  return z
    .record(z.string(), z.unknown())
    .check(readBy((value) => readFilter({ [key]: value }), { isWrapped: true }))
    .meta({ description: `A test as in a filter of JSON, see docs/config.md.` });
}

/** What a clause takes: a text as after the flag, a test, or several of them. */
function clause(flag: FilterFlag) {
  return several(z.union([flagText(flag), test(flag)]));
}

/** A whole filter of JSON: `{ "header": … }`, `{ "any": [ … ] }`. */
const tree = z.record(z.string(), z.unknown()).check(readBy((value) => readFilter(value)));

/** An expression, as after `--filter`. */
const expression = textReadBy((text) => parseFilter(text));

/** Which requests: an expression, or what must hold, all of it. */
export const filterSchema = z.union([
  expression,
  z.strictObject({
    header: field(clause("header"), {
      description:
        "Requests with a header line (or gRPC metadata) that matches the pattern. Several must all hold.",
      examples: ["x-user: alice", ["x-user: alice", "x-tenant: blue"], { name: "x-user", equals: "alice" }],
    }),
    path: field(clause("path"), {
      description: "Requests whose path matches the pattern.",
      examples: ["^/api/", { prefix: "/api/" }],
    }),
    method: field(several(flagText("method")), {
      description: "Requests with one of these methods.",
      examples: ["GET", ["GET", "POST"], "GET,POST"],
    }),
    host: field(clause("host"), {
      description: "Requests to this host.",
      examples: ["shop.example", "*.example"],
    }),
    query: field(clause("query"), {
      description: "Requests with this parameter: name, name=value or name~pattern.",
      examples: ["debug", "user=alice", "user~^a"],
    }),
    grpc: field(clause("grpc"), {
      description: "gRPC calls of a service or of one method. Of several any may hold.",
      examples: ["shop.Cart", "shop.Cart/AddItem"],
    }),
    all: field(z.array(tree), {
      description: "Filters of JSON that must all hold.",
      examples: [[{ path: "^/api/" }, { not: { header: "x-probe" } }]],
    }),
    any: field(z.array(tree), {
      description: "Filters of JSON of which one must hold.",
      examples: [[{ header: "x-user: alice" }, { query: { name: "user", equals: "alice" } }]],
    }),
    not: field(test("not"), {
      description: "A filter of JSON that must not hold.",
      examples: [{ path: "^/health" }],
    }),
    expression: field(several(expression), {
      description: "Expressions that must hold too, as after --filter.",
      examples: ['path ^= "/api" and !header("x-probe")'],
    }),
  }),
]);
