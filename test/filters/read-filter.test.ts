import t from "tap";
import { FilterError, parseFilter, readFilter } from "../../src/filters/index.ts";
import type { Filter, FilterErrorCode } from "../../src/filters/index.ts";

const nested = (depth: number): unknown => (depth === 0 ? { method: "GET" } : { not: nested(depth - 1) });

const errors: readonly (readonly [value: unknown, code: FilterErrorCode, path: string, hint?: RegExp])[] = [
  [undefined, "bad-value", ""],
  [null, "bad-value", ""],
  ["header", "bad-value", ""],
  [[], "bad-value", ""],
  [{}, "missing-key", ""],
  [{ heder: "a" }, "unknown-key", "heder", /mean header/],
  [{ grpc: {} }, "missing-key", "grpc", /service, method or metadata/],
  [{ grpc: { service: undefined } }, "missing-key", "grpc"],
  [{ grpc: "shop.Cart" }, "bad-value", "grpc"],
  [{ grpc: { servise: "a" } }, "unknown-key", "grpc.servise", /mean service/],
  [{ grpc: { present: true, method: "A" } }, "too-many-keys", "grpc.present"],
  [{ grpc: { present: false } }, "bad-value", "grpc.present"],
  [{ grpc: { service: 1 } }, "bad-value", "grpc.service"],
  [{ grpc: { service: "" } }, "bad-value", "grpc.service"],
  [{ grpc: { service: "/shop.Cart" } }, "bad-value", "grpc.service", /between the slashes/],
  [{ grpc: { service: { equals: "shop.Cart/" } } }, "bad-value", "grpc.service.equals", /slash out/],
  [{ grpc: { service: { prefix: "/shop." } } }, "bad-value", "grpc.service.prefix"],
  [{ grpc: { service: { present: true } } }, "unknown-key", "grpc.service.present"],
  [{ grpc: { method: "shop.Cart/Add" } }, "bad-value", "grpc.method", /name alone/],
  [{ grpc: { method: { matches: "(" } } }, "pattern-syntax", "grpc.method.matches"],
  [{ grpc: { metadata: [] } }, "bad-value", "grpc.metadata"],
  [{ grpc: { metadata: "(" } }, "pattern-syntax", "grpc.metadata"],
  [{ grpc: { metadata: ["a", { name: "x y", present: true }] } }, "bad-value", "grpc.metadata[1].name"],
  [{ grpc: { metadata: { name: "x" } } }, "missing-key", "grpc.metadata"],
  [{ grpc: { metadata: Array.from({ length: 1_000 }, () => "a") } }, "too-large", "grpc.metadata[999]"],
  [{ body: {} }, "unknown-key", "body"],
  [{ header: "a", path: "b" }, "too-many-keys", "path"],
  [{ header: 1 }, "bad-value", "header"],
  [{ header: {} }, "bad-value", "header.name"],
  [{ header: { name: "x a", present: true } }, "bad-value", "header.name"],
  [{ header: { name: "x" } }, "missing-key", "header"],
  [{ header: { name: "x", equal: "a" } }, "unknown-key", "header.equal", /equals/],
  [{ header: { name: "x", equals: "a", prefix: "b" } }, "too-many-keys", "header.prefix"],
  [{ header: { name: "x", absent: false } }, "bad-value", "header.absent"],
  [
    { header: { name: "x", matches: "a", ignoreCase: true } },
    "bad-value",
    "header.ignoreCase",
    /ignores case/,
  ],
  [{ header: { name: "x", equals: "a", ignoreCase: 1 } }, "bad-value", "header.ignoreCase"],
  [
    { all: [{ method: "GET" }, { any: [{ header: { name: "x", matches: "(" } }] }] },
    "pattern-syntax",
    "all[1].any[0].header.matches",
  ],
  [{ all: {} }, "bad-value", "all"],
  [{ path: { equals: "/", query: "maybe" } }, "bad-value", "path.query"],
  [{ path: { present: true } }, "unknown-key", "path.present"],
  [{ method: [] }, "bad-value", "method"],
  [{ method: "get" }, "bad-value", "method", /GET/],
  [{ method: ["GET", 1] }, "bad-value", "method[1]"],
  [{ host: "a:80" }, "bad-value", "host", /port/],
  [{ host: "a.*" }, "bad-value", "host", /star/],
  [{ host: "" }, "bad-value", "host"],
  [{ query: { equals: "1" } }, "bad-value", "query.name"],
  [nested(33), "too-deep", Array.from({ length: 33 }, () => "not").join(".")],
  [{ any: Array.from({ length: 1_000 }, () => ({ method: "GET" })) }, "too-large", "any[999]"],
  [{ path: "a".repeat(4_097) }, "too-large", "path"],
  [
    { any: Array.from({ length: 5 }, () => ({ path: "a{1000}b{1000}c{1000}d{1000}e{990}" })) },
    "pattern-too-large",
    "any[4].path",
  ],
];

void t.test("every error names its code and its place in the tree", (t) => {
  for (const [value, code, path, hint] of errors) {
    try {
      readFilter(value);
      t.fail(`${JSON.stringify(value)} is a filter`);
    } catch (error) {
      if (!(error instanceof FilterError)) throw error;
      t.match({ code: error.code, path: error.path }, { code, path });
      if (hint !== undefined) t.match(error.hint, hint);
    }
  }
  t.end();
});

void t.test("what lies on a bound is read", (t) => {
  t.doesNotThrow(() => readFilter(nested(32)));
  t.doesNotThrow(() => readFilter({ any: Array.from({ length: 999 }, () => ({ method: "GET" })) }));
  t.doesNotThrow(() => readFilter({ path: "a".repeat(4_096) }));
  t.end();
});

void t.test("every form of a gRPC clause is read as it is", (t) => {
  const forms: readonly Filter[] = [
    { grpc: { present: true } },
    { grpc: { service: "shop.Cart" } },
    { grpc: { service: { prefix: "" }, method: { matches: "^Get" } } },
    { grpc: { service: { equals: "SHOP.cart", ignoreCase: true } } },
    { grpc: { metadata: "^x-user: ann$" } },
    { grpc: { metadata: { name: "X-User", equals: "ann" } } },
    { grpc: { method: "Get", metadata: [{ name: "x-user", absent: true }, "^trace-bin: "] } },
  ];
  for (const form of forms) t.strictSame(readFilter(form), form);
  t.end();
});

void t.test("a clause that is not there yet says so", (t) => {
  t.throws(() => readFilter({ body: {} }), { message: "filters by body are not there yet" });
  t.throws(() => parseFilter("body == 1"), { message: "filters by body are not there yet", position: 0 });
  t.end();
});

void t.test("the result shares nothing with what was read", (t) => {
  const methods = ["GET"];
  const filter = readFilter({ method: methods });
  methods.push("POST");
  t.strictSame(filter, { method: ["GET"] });
  t.end();
});
