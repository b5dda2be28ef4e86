import t from "tap";
import { decidingClause, explain, parseFilter } from "../../src/filters/index.ts";
import type { RequestHead } from "../../src/http/index.ts";
import { head } from "./head.ts";

const request = head({
  target: "/api/x?q=1&token=s3cret",
  fields: [
    ["X-Tenant", "green"],
    ["x-tenant", "red"],
    ["Authorization", "Bearer s3cret"],
    ["X-Ctl", "a`\u0007b"],
  ],
});
const grpcCall = head({
  method: "POST",
  target: "/shop.Cart/AddItem",
  fields: [
    ["content-type", "application/grpc+proto"],
    ["x-tenant", "green"],
    ["trace-bin", "YWI"],
    ["authorization", "Bearer s3cret"],
  ],
});
const why = (filter: string) => decidingClause(explain(parseFilter(filter), request));

const sentences: readonly (readonly [filter: string, sentence: string])[] = [
  ['header(x-tenant) =~ "^blue$"', "`x-tenant` was `green` and `red`, wanted `^blue$`"],
  ['header("^x-tenant: blue$")', "`x-tenant` was `green` and `red`, wanted `^x-tenant: blue$`"],
  ["header(x-tenant) == red", "`x-tenant` was `red`"],
  ["header(x-tenant) ^= gr", "`x-tenant` was `green`, which begins with `gr`"],
  ["header(x-nil) == 1", "no `x-nil` field, wanted `1`"],
  ["!header(x-tenant)", "there is a `x-tenant` field"],
  ['header("blue")', "no field matches `blue`"],
  ['header("tenant: r")', "`x-tenant: red` matches `tenant: r`"],
  ["header(authorization) == other", "`authorization` was (masked), wanted `other`"],
  ['header("^auth")', "`Authorization: (masked)` matches `^auth`"],
  ["header(x-ctl) == 1", "`x-ctl` was `a'·b`, wanted `1`"],
  ['path == "/b"', "the path was `/api/x`, wanted `/b`"],
  ['path("^/b")', "the path was `/api/x?q=1&token=(masked)`, wanted `^/b`"],
  ["query(q) == 2", "the parameter `q` was `1`, wanted `2`"],
  ["query(token) == 2", "the parameter `token` was (masked), wanted `2`"],
  ["query(r)", "no `r` parameter"],
  ["method in (PUT, POST)", "the method was `GET`, wanted `PUT or POST`"],
  ["host == other.example", "the host was `shop.example`, wanted `other.example`"],
  ["true", "everything passes"],
  ["method == GET && header(a) && header(b)", "no `a` field"],
  ["method == PUT || header(x-tenant) == red", "`x-tenant` was `red`"],
  ["header(a) || header(b)", "no `a` field, and no `b` field"],
  [
    "header(a) || header(b) || header(c) || header(d)",
    "no `a` field, and no `b` field, and no `c` field, and 1 more",
  ],
  ["!(header(a) || method == GET)", "the method was `GET`"],
];

void t.test("the deciding clause says what the request had and what was wanted", (t) => {
  for (const [filter, sentence] of sentences) t.equal(why(filter), sentence, filter);
  t.end();
});

const grpcSentences: readonly (readonly [filter: string, sentence: string])[] = [
  ["grpc", "it is a gRPC call"],
  ["grpc.service == shop.Order", "the gRPC service was `shop.Cart`, wanted `shop.Order`"],
  ["grpc.service == shop.Cart", "the gRPC service was `shop.Cart`"],
  ["grpc.method ^= Get", "the gRPC method was `AddItem`, wanted one that begins with `Get`"],
  ["grpc.metadata(x-tenant) == blue", "`x-tenant` was `green`, wanted `blue`"],
  ["grpc.metadata(x-user)", "no `x-user` field"],
  ['grpc.metadata(trace-bin) == "YWI="', "`trace-bin` was `YWI`"],
  ['grpc.metadata("^x-tenant: b")', "`x-tenant` was `green`, wanted `^x-tenant: b`"],
  ["grpc.metadata(authorization) == a", "`authorization` was (masked), wanted `a`"],
  ['{"grpc":{"service":"shop.Cart","method":"Get"}}', "the gRPC method was `AddItem`, wanted `Get`"],
  [
    '{"grpc":{"service":"shop.Cart","method":"AddItem"}}',
    "the gRPC service was `shop.Cart`, and the gRPC method was `AddItem`",
  ],
  ['{"grpc":{"metadata":{"name":"x-tenant","absent":true}}}', "there is a `x-tenant` field"],
];

void t.test("of a gRPC call it says service, method and metadata", (t) => {
  for (const [filter, sentence] of grpcSentences)
    t.equal(decidingClause(explain(parseFilter(filter), grpcCall)), sentence, filter);
  t.end();
});

void t.test("of another request it says why it is no gRPC call, whatever was asked of it", (t) => {
  const fields = [["content-type", "application/json"]] as const;
  const requests: readonly (readonly [RequestHead, string])[] = [
    [request, "its method is `GET`"],
    [head({ method: "POST", target: "/a.B/C" }), "it has no content-type"],
    [head({ method: "POST", target: "/a.B/C", fields }), "its content-type is `application/json`"],
    [{ ...grpcCall, target: "/cart?token=1" }, "its path is `/cart?token=(masked)`, not /service/method"],
  ];
  const filters = [
    "grpc",
    "grpc.service == a.B",
    "!grpc.metadata(x)",
    '{"grpc":{"service":"a.B","method":"C"}}',
  ];
  for (const [one, reason] of requests) {
    for (const filter of filters)
      t.equal(decidingClause(explain(parseFilter(filter), one)), `it is no gRPC call: ${reason}`, filter);
  }
  t.end();
});

void t.test("every clause is explained, also after the result is certain", (t) => {
  const explanation = explain(parseFilter("header(a) && method == GET && !(host == x)"), request);
  t.equal(explanation.result, false);
  t.equal(explanation.because, "2 of 3 clauses hold");
  t.strictSame(
    explanation.parts.map(({ kind, result }) => [kind, result]),
    [
      ["clause", false],
      ["clause", true],
      ["not", true],
    ],
  );
  t.end();
});

void t.test("no secret of the request is in an explanation, unless the mask is taken off", (t) => {
  const filter = parseFilter('header("s3") || header(authorization) || query(token) == 1 || path("api")');
  t.notMatch(JSON.stringify(explain(filter, request).parts.map(({ because }) => because)), /s3cret|Bearer/);
  t.match(
    JSON.stringify(explain(parseFilter("header(authorization) == 1"), request, { mask: [] })),
    /Bearer s3cret/,
  );
  t.match(
    JSON.stringify(explain(parseFilter("header(x-tenant) == 1"), request, { mask: ["X-Tenant"] })),
    /\(masked\)/,
  );
  t.end();
});

const unseen: readonly (readonly [filter: string, sentence: string])[] = [
  ["header(x-tenant) == red", "`x-tenant` was as wanted"],
  ['header(x-tenant) =~ "^blue$"', "`x-tenant` was something else, wanted `^blue$`"],
  ["header(x-tenant) ^= gr", "`x-tenant` was as wanted"],
  ['header("^x-tenant: blue$")', "`x-tenant` was something else, wanted `^x-tenant: blue$`"],
  ['header("tenant: r")', "a line of `x-tenant` matches `tenant: r`"],
  ["host == other.example", "the host was something else, wanted `other.example`"],
  ["header(x-nil) == 1", "no `x-nil` field, wanted `1`"],
  ["query(q) == 2", "the parameter `q` was `1`, wanted `2`"],
];

void t.test("whoever may not see a value is told only whether it was what is wanted", (t) => {
  for (const [filter, sentence] of unseen) {
    const explanation = explain(parseFilter(filter), request, { shows: () => false });
    t.equal(decidingClause(explanation), sentence, filter);
  }
  const content = head({ method: "POST", target: "/a.B/C", fields: [["content-type", "text/secret"]] });
  const about = explain(parseFilter("grpc.service == a.B"), content, {
    shows: (name) => name === "x-tenant",
  });
  t.equal(decidingClause(about), "it is no gRPC call: its content-type is something else");
  const one = explain(parseFilter("header(x-tenant) == 1 && host == b"), request, {
    shows: (name) => name === "x-tenant",
  });
  t.same(
    one.parts.map(({ because }) => because),
    ["`x-tenant` was `green` and `red`, wanted `1`", "the host was something else, wanted `b`"],
  );
  t.end();
});
