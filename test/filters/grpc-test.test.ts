import t from "tap";
import { compileFilter, FilterSet, parseFilter, readFilter } from "../../src/filters/index.ts";
import type { GrpcTest } from "../../src/filters/index.ts";
import { readRequestHead } from "../../src/http/index.ts";
import type { RequestHead } from "../../src/http/index.ts";
import { fieldList } from "../http/h2/field-lists.ts";
import { head } from "./head.ts";

const passes = (filter: string, request: RequestHead) => compileFilter(parseFilter(filter)).matches(request);

interface CallParts {
  readonly target?: string;
  readonly method?: string;
  readonly contentType?: string;
  readonly metadata?: readonly (readonly [name: string, value: string])[];
}

function call({
  target = "/shop.Cart/AddItem",
  method = "POST",
  contentType = "application/grpc",
  metadata = [],
}: CallParts = {}): RequestHead {
  return head({ method, target, fields: [["te", "trailers"], ["Content-Type", contentType], ...metadata] });
}

/** The same over HTTP/2, as its fields leave the HPACK decoder. */
function http2Call(pairs: readonly (readonly [name: string, value: string])[]): RequestHead {
  const found = readRequestHead(fieldList(pairs));
  if ("malformed" in found) throw new Error(found.malformed);
  return found;
}

void t.test("a gRPC call is a POST of application/grpc to /service/method", (t) => {
  for (const contentType of [
    "application/grpc",
    "application/grpc+proto",
    "Application/GRPC+json",
    "application/grpc;charset=utf-8",
    "application/grpc ; a=b",
  ])
    t.ok(passes("grpc", call({ contentType })), contentType);
  for (const contentType of [
    "",
    "application/json",
    "application/grpcx",
    "text/application/grpc",
    "application/grpc-web",
    "application/grpc-web+proto",
    "application/grpc-web-text",
  ])
    t.notOk(passes("grpc", call({ contentType })), contentType);
  t.notOk(passes("grpc", head({ method: "POST", target: "/shop.Cart/AddItem" })), "without content-type");
  for (const method of ["GET", "PUT", "post"]) t.notOk(passes("grpc", call({ method })), method);
  for (const target of ["/", "/shop.Cart", "/shop.Cart/", "//AddItem", "*", "shop.Cart/AddItem", "/?a/b"])
    t.notOk(passes("grpc", call({ target })), target);
  t.end();
});

void t.test("service and method part at the last slash, and are compared with their case", (t) => {
  t.ok(passes("grpc.service == shop.Cart && grpc.method == AddItem", call()));
  t.notOk(passes("grpc.service == shop.cart", call()));
  t.ok(passes("grpc.service == shop.cart i", call()));
  t.notOk(passes("grpc.service == shop", call()), "a package is no service");
  t.ok(passes('grpc.service ^= "shop."', call()));
  t.ok(
    passes('grpc.service =~ "^shop\\.cart$"', call()),
    "a pattern sees the service alone and ignores case",
  );
  t.ok(passes('grpc.method("^add")', call()));
  t.notOk(passes('grpc.method("cart")', call()));
  t.ok(passes('grpc.service == "v1/shop.Cart" && grpc.method == Get', call({ target: "/v1/shop.Cart/Get" })));
  t.ok(passes("grpc.method == AddItem", call({ target: "/shop.Cart/AddItem?a=/b" })), "without a query");
  t.ok(passes("grpc.service == shop.Cart", call({ target: "http://h:80/shop.Cart/AddItem" })));
  t.end();
});

void t.test("metadata is what header would be, for gRPC calls only", (t) => {
  const request = call({
    metadata: [
      ["X-User", "ann"],
      ["x-user", "Bob"],
    ],
  });
  t.ok(
    passes("grpc.metadata(x-user) == ann && grpc.metadata(X-USER) == Bob", request),
    "any of repeated ones",
  );
  t.notOk(passes("grpc.metadata(x-user) == bob", request));
  t.ok(passes("grpc.metadata(x-user) == bob i", request));
  t.ok(passes('grpc.metadata("^x-user: ann$")', request));
  t.ok(passes("grpc.metadata(te) == trailers", request));
  t.notOk(passes("grpc.metadata(x-tenant)", request));
  t.ok(passes("!grpc.metadata(x-tenant)", request));
  const plain = head({ fields: [["x-user", "ann"]] });
  t.notOk(passes("grpc.metadata(x-user) == ann", plain));
  t.ok(passes("!grpc.metadata(x-user)", plain), "what is no gRPC call has no metadata");
  t.end();
});

void t.test("everything a gRPC clause says must hold, and of no other request does any of it", (t) => {
  const asks = (grpc: GrpcTest, request: RequestHead) => compileFilter(readFilter({ grpc })).matches(request);
  const request = call({ metadata: [["x-user", "ann"]] });
  const user = { name: "x-user", equals: "ann" };
  t.ok(asks({ service: "shop.Cart", method: "AddItem", metadata: user }, request));
  t.notOk(asks({ service: "shop.Cart", method: "Get", metadata: user }, request));
  t.ok(asks({ metadata: [user, { name: "x-tenant", absent: true }] }, request));
  t.notOk(asks({ metadata: [user, { name: "x-user", absent: true }] }, request));
  t.notOk(asks({ metadata: { name: "x-tenant", absent: true } }, head({})), "nor is metadata absent there");
  t.end();
});

void t.test("binary metadata minds neither padding nor values joined with commas", (t) => {
  for (const sent of ["YWI=", "YWI", "Zm9v,YWI=", "Zm9v, YWI", "YWI,Zm9v"]) {
    const request = call({ metadata: [["trace-bin", sent]] });
    for (const wanted of ["YWI", "YWI="])
      t.ok(passes(`grpc.metadata(trace-bin) == "${wanted}"`, request), sent);
    t.ok(passes("grpc.metadata(Trace-Bin) ^= YW", request), sent);
    t.ok(
      passes('grpc.metadata(trace-bin) =~ "^YWI$" && grpc.metadata(trace-bin) =~ "^YWI=$"', request),
      sent,
    );
    t.notOk(passes("grpc.metadata(trace-bin) == ywi", request), "base64 has its case");
    t.notOk(passes("grpc.metadata(trace-bin) == YW", request));
  }
  const other = call({ metadata: [["trace", "YWI="]] });
  t.notOk(passes("grpc.metadata(trace) == YWI", other), "other metadata is text");
  t.notOk(passes("grpc.metadata(trace) == a", call({ metadata: [["trace", "a,b"]] })));
  const line = call({ metadata: [["trace-bin", "YWI="]] });
  t.ok(passes('grpc.metadata("^trace-bin: YWI=$")', line), "a line is seen as it was sent");
  t.notOk(passes('grpc.metadata("^trace-bin: YWI$")', line));
  t.end();
});

void t.test("over HTTP/2 and HTTP/1.1 a call is the same call, for path and header too", (t) => {
  const request = http2Call([
    [":method", "POST"],
    [":scheme", "http"],
    [":path", "/shop.Cart/AddItem"],
    [":authority", "shop.example"],
    ["content-type", "application/grpc"],
    ["te", "trailers"],
    ["x-user", "ann"],
    ["trace-bin", "YWI"],
  ]);
  const same = call({
    metadata: [
      ["x-user", "ann"],
      ["trace-bin", "YWI"],
    ],
  });
  const holding = [
    "grpc",
    "grpc.service == shop.Cart && grpc.method == AddItem",
    "grpc.metadata(x-user) == ann",
    'grpc.metadata(trace-bin) == "YWI="',
    'path == "/shop.Cart/AddItem"',
    'path("^/shop\\.cart/")',
    'header("^x-user: ann$")',
    "header(content-type) == 'application/grpc'",
    "host == shop.example",
  ];
  for (const filter of holding) {
    t.ok(passes(filter, request), filter);
    t.ok(passes(filter, same), filter);
    t.strictSame(new FilterSet([compileFilter(parseFilter(filter))]).firstMatches(request), [0], filter);
  }
  t.notOk(passes("grpc.service == shop.Order || grpc.metadata(path)", request));
  t.end();
});
