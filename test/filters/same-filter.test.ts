import t from "tap";
import { parseFilter, sameFilter, specificity } from "../../src/filters/index.ts";

const same: readonly (readonly [one: string, other: string])[] = [
  ["header(a) && header(b)", "header(B) && header(A) && header(a)"],
  ["(header(a) || header(b)) || header(c)", "header(c) || (header(b) || header(a))"],
  ['header("^x-tenant: blue$")', "header(X-Tenant) == Blue i"],
  ['header("^x-tenant: 12")', "header(x-tenant) ^= 12"],
  ["!header(a)", "!(header(a))"],
  ["!(!(header(a)))", "header(a)"],
  ["method in (POST, GET)", "method in (GET, POST, GET)"],
  ["host == Shop.example.", "host == shop.example"],
  ['path("^/a")', 'path =~ "^/a"'],
  ['path("a\\"b")', 'path(/a"b/)'],
  ['header(a) ^= ""', "header(a)"],
  ['{"grpc":{"service":"a","method":"B"}}', "grpc.method == B && grpc.service == a"],
  ['{"grpc":{"metadata":[{"name":"A","absent":true}]}}', "grpc && !grpc.metadata(a)"],
  [
    '{"grpc":{"service":"s","metadata":{"name":"A","absent":true}}}',
    "grpc.service == s && !grpc.metadata(a)",
  ],
  ['{"not":{"grpc":{"service":"a","method":"B"}}}', "!(grpc.service == a && grpc.method == B)"],
  ['grpc.metadata("^x-tenant: blue$")', "grpc.metadata(X-Tenant) == Blue i"],
  ['grpc.service ^= ""', "grpc"],
];

const different: readonly (readonly [one: string, other: string])[] = [
  ["header(a) == B", "header(a) == b"],
  ["header(a) && header(b)", "header(a) || header(b)"],
  ["query(a)", "query(A)"],
  ['path("^/a")', 'path(with query) =~ "^/a"'],
  ['header("^x-tenant: blue$")', "header(x-tenant) == blue"],
  ["grpc.service == a", "grpc.service == A"],
  ["grpc.service == a", "grpc.method == a"],
  ["grpc.metadata(a) == 1", "header(a) == 1"],
  ['grpc.metadata("^a-bin: YQ$")', "grpc.metadata(a-bin) == yq i"],
  ["!grpc.metadata(a)", "grpc && !grpc.metadata(a)"],
  ["true", "false"],
];

void t.test("order, repetition, grouping and form make no difference; what is said does", (t) => {
  for (const [one, other] of same)
    t.ok(sameFilter(parseFilter(one), parseFilter(other)), `${one} is ${other}`);
  for (const [one, other] of different)
    t.notOk(sameFilter(parseFilter(one), parseFilter(other)), `${one} is not ${other}`);
  t.end();
});

void t.test("the more exact and the more clauses, the more specific", (t) => {
  const order = [
    "true",
    "!header(x-tenant)",
    "header(x-tenant)",
    'header("e")',
    'header("^x-tenant: .*blue")',
    "header(x-tenant) ^= b",
    "header(x-tenant) ^= blue",
    "header(x-tenant) == blue",
    'header(x-tenant) == blue && path("^/api")',
    'header(x-tenant) == blue && path == "/api"',
    'header(x-tenant) == blue && path == "/api" && method == GET',
  ].map((text) => specificity(parseFilter(text)));
  t.strictSame(
    order,
    [...new Set(order)].toSorted((one, other) => one - other),
  );
  t.end();
});

void t.test("the more a gRPC clause names, the more specific; less than a path that names the same", (t) => {
  const order = [
    "grpc",
    'grpc.service =~ "shop"',
    'grpc.service ^= "shop."',
    "grpc.service == shop.Cart",
    'path == "/shop.Cart/AddItem"',
    "grpc.metadata(x-tenant) == blue",
    "grpc.service == shop.Cart && grpc.method ^= Add",
    "grpc.service == shop.Cart && grpc.method == AddItem",
    "grpc.service == shop.Cart && grpc.method == AddItem && grpc.metadata(x-tenant) == blue",
  ].map((text) => specificity(parseFilter(text)));
  t.strictSame(
    order,
    [...new Set(order)].toSorted((one, other) => one - other),
  );
  t.equal(
    specificity(parseFilter('{"grpc":{"service":"shop.Cart","method":"AddItem"}}')),
    specificity(parseFilter("grpc.service == shop.Cart && grpc.method == AddItem")),
    "however it is written",
  );
  t.end();
});

void t.test("an alternative is as specific as its widest part, and repeating a clause adds nothing", (t) => {
  const of = (text: string) => specificity(parseFilter(text));
  t.equal(of("header(a) == 1 || header(a)"), of("header(a)"));
  t.equal(of("header(a) == 1 && header(A) == 1"), of("header(a) == 1"));
  t.equal(of('header("^a: 1$")'), of("header(a) == 1"));
  t.end();
});
