import t from "tap";
import { type Http2RequestHead, type Malformed, readRequestHead } from "../../../src/http/index.ts";
import { fieldList } from "./field-lists.ts";

type Pairs = readonly (readonly [string, string])[];

const get: Pairs = [
  [":method", "GET"],
  [":scheme", "http"],
  [":path", "/a?b"],
];

function read(pairs: Pairs): Http2RequestHead {
  const head = readRequestHead(fieldList(pairs));
  if ("malformed" in head) throw new Error(head.malformed);
  return head;
}

void t.test("a request is what its pseudo-header fields say, in any order", async (t) => {
  const head = read([
    [":path", "/a?b"],
    [":authority", "shop:8080"],
    [":scheme", "http"],
    [":method", "PoST"],
    ["x", "y"],
  ]);
  t.match(head, { method: "PoST", target: "/a?b", version: "2", authority: "shop:8080", scheme: "http" });
  t.same(head.fields.pairs(), [["x", "y"]]);
  t.equal(head.fields, head.fields, "its text is made once");
});

void t.test("without :authority, Host is the authority", async (t) => {
  t.equal(read([...get, ["host", "shop"]]).authority, "shop");
  t.equal(read(get).authority, "");
});

void t.test("RFC 9113 §8.2.3: cookie crumbs are put together where the first stood", async (t) => {
  const { fields } = read([...get, ["cookie", "a=1"], ["x", "y"], ["cookie", "b=2"], ["cookie", "c=3"]]);
  t.same(fields.pairs(), [
    ["cookie", "a=1; b=2; c=3"],
    ["x", "y"],
  ]);
});

void t.test("repeated fields, order and odd values stay", async (t) => {
  const fields: Pairs = [
    ["b", ""],
    ["a", "1"],
    ["b", "caf\xe9"],
    ["te", "trailers"],
    ["!#$%&'*+-.^_`|~9", "2"],
  ];
  t.same(read([...get, ...fields]).fields.pairs(), fields);
});

void t.test("RFC 9113 §8.5: CONNECT has an authority only", async (t) => {
  const head = read([
    [":method", "CONNECT"],
    [":authority", "db:5432"],
  ]);
  t.match(head, {
    method: "CONNECT",
    target: "db:5432",
    authority: "db:5432",
    scheme: "",
    protocol: undefined,
  });
});

void t.test("RFC 8441 §4: extended CONNECT has all of them", async (t) => {
  const head = read([
    [":method", "CONNECT"],
    [":protocol", "websocket"],
    [":scheme", "http"],
    [":path", "/chat"],
    [":authority", "shop"],
  ]);
  t.match(head, { method: "CONNECT", protocol: "websocket", target: "/chat", authority: "shop" });
});

void t.test("OPTIONS asks for everything with *", async (t) => {
  t.equal(
    read([
      [":method", "OPTIONS"],
      [":scheme", "http"],
      [":path", "*"],
    ]).target,
    "*",
  );
});

void t.test("content-length is a number", async (t) => {
  t.equal(read([...get, ["content-length", "42"]]).contentLength, 42);
  t.equal(read(get).contentLength, undefined);
});

const plus = (...pairs: Pairs): Pairs => [...get, ...pairs];
const without = (name: string): Pairs => get.filter((pair) => pair[0] !== name);
const malformed: readonly (readonly [law: string, pairs: Pairs, why: Malformed])[] = [
  ["§8.2.1: an upper-case name", plus(["X", "y"]), "bad-name"],
  ["§8.2.1: an empty name", plus(["", "y"]), "bad-name"],
  ["§8.2.1: a blank in a name", plus(["a b", "y"]), "bad-name"],
  ["§8.2.1: a colon in a name", plus(["a:b", "y"]), "bad-name"],
  ["§8.2.1: an octet above 126 in a name", plus(["caf\xe9", "y"]), "bad-name"],
  ["§8.2.1: CR in a value", plus(["x", "a\rb"]), "bad-value"],
  ["§8.2.1: LF in a value", plus(["x", "a\nb"]), "bad-value"],
  ["§8.2.1: NUL in a value", plus(["x", "a\0b"]), "bad-value"],
  ["§8.2.1: a value that begins with a blank", plus(["x", " a"]), "bad-value"],
  ["§8.2.1: a value that ends with a tab", plus(["x", "a\t"]), "bad-value"],
  ["§8.2.1: LF in a pseudo-header field", [...without(":path"), [":path", "/a\nb"]], "bad-value"],
  ["§8.2.2: connection", plus(["connection", "close"]), "connection-specific-field"],
  ["§8.2.2: keep-alive", plus(["keep-alive", "1"]), "connection-specific-field"],
  ["§8.2.2: proxy-connection", plus(["proxy-connection", "a"]), "connection-specific-field"],
  ["§8.2.2: transfer-encoding", plus(["transfer-encoding", "chunked"]), "connection-specific-field"],
  ["§8.2.2: upgrade", plus(["upgrade", "h2c"]), "connection-specific-field"],
  ["§8.2.2: te that is not trailers", plus(["te", "gzip"]), "connection-specific-field"],
  ["§8.3: an unknown pseudo-header field", plus([":version", "2"]), "unknown-pseudo-header"],
  ["§8.3: a pseudo-header field of a response", plus([":status", "200"]), "unexpected-pseudo-header"],
  ["§8.3: one behind a field", [["x", "y"], ...get], "pseudo-header-behind-field"],
  ["§8.3: one twice, though it says the same", plus([":path", "/a?b"]), "repeated-pseudo-header"],
  ["§8.3.1: no :method", without(":method"), "missing-pseudo-header"],
  ["§8.3.1: no :scheme", without(":scheme"), "missing-pseudo-header"],
  ["§8.3.1: no :path", without(":path"), "missing-pseudo-header"],
  ["§8.3.1: an empty :path", [...without(":path"), [":path", ""]], "bad-path"],
  ["§8.3.1: a :path without a slash", [...without(":path"), [":path", "a"]], "bad-path"],
  ["§8.3.1: * for GET", [...without(":path"), [":path", "*"]], "bad-path"],
  ["§8.3.1: a blank in :path", [...without(":path"), [":path", "/a HTTP/1.1"]], "bad-path"],
  ["§8.3.1: a :method that is no token", [...without(":method"), [":method", "GET /"]], "bad-method"],
  ["§8.3.1: a :scheme that is none", [...without(":scheme"), [":scheme", "ht tp"]], "bad-scheme"],
  ["§8.3.1: user information in :authority", plus([":authority", "u@shop"]), "bad-authority"],
  ["§8.3.1: Host that differs from :authority", plus([":authority", "a"], ["host", "b"]), "host-differs"],
  [
    "§8.5: CONNECT with :path",
    [
      [":method", "CONNECT"],
      [":authority", "a"],
      [":path", "/"],
    ],
    "unexpected-pseudo-header",
  ],
  ["§8.5: CONNECT without :authority", [[":method", "CONNECT"]], "missing-pseudo-header"],
  ["§8.1.1: a content-length that is no number", plus(["content-length", "+1"]), "bad-content-length"],
  ["§8.1.1: two of them", plus(["content-length", "1"], ["content-length", "1"]), "bad-content-length"],
];
for (const [law, pairs, why] of malformed) {
  void t.test(`RFC 9113 ${law} is malformed`, async (t) => {
    t.same(readRequestHead(fieldList(pairs)), { malformed: why });
  });
}

void t.test("RFC 8441 §4: :protocol of anything but a whole CONNECT is malformed", async (t) => {
  t.same(readRequestHead(fieldList(plus([":protocol", "websocket"]))), {
    malformed: "unexpected-pseudo-header",
  });
  const bare = fieldList([
    [":method", "CONNECT"],
    [":protocol", "websocket"],
    [":authority", "a"],
  ]);
  t.same(readRequestHead(bare), { malformed: "missing-pseudo-header" });
});
