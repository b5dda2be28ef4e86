import t from "tap";
import { FilterError, parseFilter } from "../../src/filters/index.ts";
import type { Filter, FilterErrorCode } from "../../src/filters/index.ts";

const forms: readonly (readonly [text: string, filter: Filter])[] = [
  ['header("^x-tenant: blue$")', { header: "^x-tenant: blue$" }],
  ["header(/^x-tenant: [^/]+\\/$/i)", { header: "^x-tenant: [^/]+/$" }],
  ['header("^x: \\d+ \\"a\\" \\\\$")', { header: '^x: \\d+ "a" \\\\$' }],
  ["header('it\\'s')", { header: "it's" }],
  ["header(x-a)", { header: { name: "x-a", present: true } }],
  ["!header(x-a)", { header: { name: "x-a", absent: true } }],
  ["not header(x-a)", { header: { name: "x-a", absent: true } }],
  ['header(x-tenant) == "blue"', { header: { name: "x-tenant", equals: "blue" } }],
  ["header(x-tenant) == blue i", { header: { name: "x-tenant", equals: "blue", ignoreCase: true } }],
  [
    'header("x-tenant") != "a\\\\b\\x41\\u{42}\\n"',
    { not: { header: { name: "x-tenant", equals: "a\\bAB\n" } } },
  ],
  ['header(x-user) =~ "^u-1"', { header: { name: "x-user", matches: "^u-1" } }],
  ["header(x-user) !~ /^u-1/", { not: { header: { name: "x-user", matches: "^u-1" } } }],
  ['header(x-a) ^= "pre"', { header: { name: "x-a", prefix: "pre" } }],
  ['path("^/api")', { path: "^/api" }],
  ['path == "/a"', { path: { equals: "/a" } }],
  ['path ^= "/api" i', { path: { prefix: "/api", ignoreCase: true } }],
  ['path(with query) == "/a?b"', { path: { equals: "/a?b", query: "with" } }],
  ["path(without query) =~ /b$/", { path: { matches: "b$", query: "without" } }],
  ["method == GET", { method: "GET" }],
  ["method in (GET, POST)", { method: ["GET", "POST"] }],
  ["method not in (GET)", { not: { method: ["GET"] } }],
  ["method != GET", { not: { method: "GET" } }],
  ["host == *.x.y", { host: "*.x.y" }],
  ['host("^shop")', { host: { matches: "^shop" } }],
  ['host !~ "^shop"', { not: { host: { matches: "^shop" } } }],
  ['query(a) == "1"', { query: { name: "a", equals: "1" } }],
  ['query("a b")', { query: { name: "a b", present: true } }],
  ["!query(a)", { query: { name: "a", absent: true } }],
  ["grpc", { grpc: { present: true } }],
  ["!grpc", { not: { grpc: { present: true } } }],
  ["grpc.service == shop.Cart", { grpc: { service: { equals: "shop.Cart" } } }],
  ["grpc.service != 'shop.Cart'", { not: { grpc: { service: { equals: "shop.Cart" } } } }],
  ['grpc.service ^= "shop." i', { grpc: { service: { prefix: "shop.", ignoreCase: true } } }],
  ["grpc.service(/^shop\\./)", { grpc: { service: { matches: "^shop\\." } } }],
  ['grpc.method =~ "^Get"', { grpc: { method: { matches: "^Get" } } }],
  ['grpc.method !~ "^Get"', { not: { grpc: { method: { matches: "^Get" } } } }],
  ['grpc.metadata("^x-user: ann$")', { grpc: { metadata: "^x-user: ann$" } }],
  ["grpc.metadata(x-user)", { grpc: { metadata: { name: "x-user", present: true } } }],
  ["!grpc.metadata(x-user)", { not: { grpc: { metadata: { name: "x-user", present: true } } } }],
  ['grpc.metadata("x-user") == ann', { grpc: { metadata: { name: "x-user", equals: "ann" } } }],
  ['{"grpc":{"service":"shop.Cart","method":"Get"}}', { grpc: { service: "shop.Cart", method: "Get" } }],
  ["true", { all: [] }],
  ["false", { any: [] }],
  ['{"all":[{"header":"a"}]}', { all: [{ header: "a" }] }],
];

void t.test("every form of a clause is read as its tree", (t) => {
  for (const [text, filter] of forms) t.strictSame(parseFilter(text), filter, text);
  t.end();
});

void t.test("not binds before and, and before or; words and signs are the same", (t) => {
  const [a, b, c] = ["a", "b", "c"].map((name): Filter => ({ header: { name, present: true } }));
  const expected = { any: [a, { all: [{ header: { name: "b", absent: true } }, c] }] };
  t.strictSame(parseFilter("header(a) || !header(b) && header(c)"), expected);
  t.strictSame(parseFilter("header(a)or not header(b)and header(c)"), expected);
  t.strictSame(parseFilter("(header(a) || header(b)) && header(c)"), { all: [{ any: [a, b] }, c] });
  t.end();
});

const errors: readonly (readonly [text: string, code: FilterErrorCode, position: number])[] = [
  ["", "unexpected-end", 0],
  ["   ", "unexpected-end", 3],
  ["header", "unexpected-end", 6],
  ["header(", "unexpected-end", 7],
  ["header(x-a", "unexpected-end", 10],
  ["header()", "unexpected-token", 7],
  ["header(x-a) ==", "unexpected-end", 14],
  ["header(x-a) == /b/", "unexpected-token", 15],
  ["header(x-a) =~ b", "unexpected-token", 15],
  ["header(x-a) = b", "unexpected-character", 12],
  ["header(x-a) & header(b)", "unexpected-character", 12],
  ["header(x-a) header(b)", "unexpected-token", 12],
  ["header(x-a))", "unexpected-token", 11],
  ["(header(x-a)", "unexpected-end", 0],
  ["hedaer(x-a)", "unknown-name", 0],
  ["header(a) && pathh(b)", "unknown-name", 13],
  ['header("x a") == 1', "bad-value", 7],
  ['header(a) == "b', "unterminated-string", 13],
  ["path(/a", "unterminated-string", 5],
  ["path == /a", "unterminated-string", 8],
  ["path(/a/g)", "unexpected-character", 8],
  ["path(within query) == 1", "unexpected-token", 5],
  ["path", "unexpected-end", 4],
  ["header(a) == “b”", "unexpected-character", 13],
  ['header(a) == "\\d"', "bad-escape", 14],
  ["method == get", "bad-value", 10],
  ["method == /GET/", "unexpected-token", 10],
  ["method in GET", "unexpected-token", 10],
  ["method in (GET POST)", "unexpected-token", 15],
  ["method not GET", "unexpected-token", 11],
  ["host == shop.example && host == 'a:80'", "bad-value", 32],
  ["host(shop)", "unexpected-token", 5],
  ["host ^= shop", "unexpected-token", 5],
  ["grpc == shop.Cart", "unexpected-token", 5],
  ["grpc(shop.Cart)", "unexpected-token", 4],
  ["grpc.servise == shop.Cart", "unknown-name", 0],
  ["header(a) && grcp", "unknown-name", 13],
  ["grpc.service", "unexpected-end", 12],
  ["grpc.service(shop)", "unexpected-token", 13],
  ['grpc.service == "/shop.Cart"', "bad-value", 16],
  ["grpc.method == 'shop.Cart/Get'", "bad-value", 15],
  ["grpc && grpc.method(/Get(/)", "pattern-syntax", 24],
  ["grpc.metadata", "unexpected-end", 13],
  ['grpc.metadata("x y") == 1', "bad-value", 14],
  ['path("^/api(")', "pattern-syntax", 11],
  ['path("\\"a(?=b)")', "pattern-unsupported", 9],
  ["path(/\\/(a)\\1/)", "pattern-unsupported", 11],
  ["!".repeat(40), "too-deep", 32],
  ['{"header"', "json-syntax", 0],
  ['{"header": "a", "path": "b"}', "too-many-keys", 0],
];

void t.test("every error names its code and the offset of what is wrong", (t) => {
  for (const [text, code, position] of errors) {
    try {
      parseFilter(text);
      t.fail(`${text} is a filter`);
    } catch (error) {
      if (!(error instanceof FilterError)) throw error;
      t.match({ text, code: error.code, position: error.position }, { text, code, position });
    }
  }
  t.end();
});

void t.test("an error shows the line with a caret under the offset and says what to write", (t) => {
  const error = t.throws(() => parseFilter("header(a)\n && hots == b")) as FilterError;
  t.equal(error.render(), "nothing is called hots\n   && hots == b\n      ^\nDid you mean host?");
  t.end();
});

void t.test("a gRPC subject written wrong is answered with the right one", (t) => {
  const hint = (text: string) => (t.throws(() => parseFilter(text)) as FilterError).hint;
  t.equal(hint("grpc.servise == a"), "Did you mean grpc.service?");
  t.equal(hint("grpc.metdata(a)"), "Did you mean grpc.metadata?");
  t.equal(hint("grcp"), "Did you mean grpc?");
  t.match(hint("grpc == shop.Cart"), /^Compare grpc\.service, /);
  t.end();
});

void t.test("an error in a long line shows the part around it", (t) => {
  const error = t.throws(() => parseFilter(`header(${"a".repeat(500)}) = b`)) as FilterError;
  const [, line = "", caret = ""] = error.render().split("\n");
  t.equal(line.charAt(caret.indexOf("^")), "=");
  t.ok(line.length < 110);
  t.end();
});

void t.test("text of any kind is read or refused, never anything else", (t) => {
  const pieces = [
    "header",
    "(",
    ")",
    "path",
    "==",
    "=~",
    '"',
    "'",
    "/",
    "\\",
    "a",
    " ",
    "!",
    "&&",
    "{",
    "[",
    "*",
    "i",
    "query",
    "😀",
    "\0",
  ];
  let state = 1;
  for (let round = 0; round < 20_000; round++) {
    let text = "";
    for (let length = round % 12; length >= 0; length--) {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      text += pieces[(state >>> 16) % pieces.length];
    }
    try {
      parseFilter(text);
    } catch (error) {
      const placed =
        error instanceof FilterError && error.position >= 0 && error.position <= error.source.length;
      if (!placed) t.fail(`${JSON.stringify(text)}: ${String(error)}`);
      else error.render();
    }
  }
  t.end();
});
