import t from "tap";
import { FilterError, readFilter } from "../../src/filters/index.ts";
import type { FilterErrorCode } from "../../src/filters/index.ts";

const nested = (depth: number): unknown => (depth === 0 ? { method: "GET" } : { not: nested(depth - 1) });

const errors: readonly (readonly [value: unknown, code: FilterErrorCode, path: string, hint?: RegExp])[] = [
  [undefined, "bad-value", ""],
  [null, "bad-value", ""],
  ["header", "bad-value", ""],
  [[], "bad-value", ""],
  [{}, "missing-key", ""],
  [{ heder: "a" }, "unknown-key", "heder", /mean header/],
  [{ grpc: {} }, "unknown-key", "grpc"],
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

void t.test("the result shares nothing with what was read", (t) => {
  const methods = ["GET"];
  const filter = readFilter({ method: methods });
  methods.push("POST");
  t.strictSame(filter, { method: ["GET"] });
  t.end();
});
