import t from "tap";
import {
  Fields,
  http1RequestHead,
  http1ResponseHead,
  http1UpgradeHead,
  type Http2RequestHead,
  parseRequestHead,
  parseResponseHead,
  readRequestHead,
} from "../../../src/http/index.ts";
import { fieldList } from "./field-lists.ts";

function head(...pairs: [string, string][]): Http2RequestHead {
  const got = readRequestHead(fieldList(pairs));
  if ("malformed" in got) throw new Error(got.malformed);
  return got;
}
const post: [string, string][] = [
  [":method", "POST"],
  [":scheme", "http"],
  [":authority", "shop"],
  [":path", "/a"],
];

void t.test("Host stands in front, once, and a body without length goes chunked", async (t) => {
  const text = http1RequestHead(head(...post, ["host", "shop"], ["x", "caf\xe9"]), { hasBody: true });
  t.equal(text, "POST /a HTTP/1.1\r\nhost: shop\r\nx: caf\xe9\r\ntransfer-encoding: chunked\r\n\r\n");
  t.match(parseRequestHead(Buffer.from(text, "latin1")), { framing: { kind: "chunked" }, authority: "shop" });
});

void t.test("a known length stays, and no body needs nothing", async (t) => {
  t.equal(
    http1RequestHead(head(...post, ["content-length", "3"]), { hasBody: true }),
    "POST /a HTTP/1.1\r\nhost: shop\r\ncontent-length: 3\r\n\r\n",
  );
  t.equal(http1RequestHead(head(...post), { hasBody: false }), "POST /a HTTP/1.1\r\nhost: shop\r\n\r\n");
});

void t.test("RFC 9113 §8.2.3: one cookie field goes out", async (t) => {
  const text = http1RequestHead(head(...post, ["cookie", "a=1"], ["cookie", "b=2"]), { hasBody: false });
  t.equal(text, "POST /a HTTP/1.1\r\nhost: shop\r\ncookie: a=1; b=2\r\n\r\n");
});

void t.test("RFC 9110 §10.1.4: TE is nominated by Connection", async (t) => {
  const text = http1RequestHead(head(...post, ["te", "trailers"]), { hasBody: false });
  t.equal(text, "POST /a HTTP/1.1\r\nhost: shop\r\nte: trailers\r\nconnection: te\r\n\r\n");
});

void t.test("CONNECT asks for its authority, and has no body", async (t) => {
  const text = http1RequestHead(head([":method", "CONNECT"], [":authority", "db:1"]), { hasBody: true });
  t.equal(text, "CONNECT db:1 HTTP/1.1\r\nhost: db:1\r\n\r\n");
});

void t.test("RFC 8441 §5: extended CONNECT becomes an upgrade", async (t) => {
  const connect = head(
    [":method", "CONNECT"],
    [":protocol", "websocket"],
    [":scheme", "http"],
    [":path", "/chat"],
    [":authority", "shop"],
    ["sec-websocket-version", "13"],
  );
  const text = http1UpgradeHead(connect, "a2V5");
  t.match(parseRequestHead(Buffer.from(text, "latin1")), {
    method: "GET",
    target: "/chat",
    mayUpgrade: true,
  });
  t.match(text, "sec-websocket-key: a2V5\r\nsec-websocket-version: 13\r\n\r\n");
});

void t.test("an answer is a head of HTTP/1.1 with the framing that it is given", async (t) => {
  const fields = Fields.fromPairs([["x-r", "caf\xe9"]]);
  const text = http1ResponseHead(
    { status: 200, fields },
    { reason: "OK", framing: "transfer-encoding: chunked\r\n" },
  );
  t.equal(text, "HTTP/1.1 200 OK\r\nx-r: caf\xe9\r\ntransfer-encoding: chunked\r\n\r\n");
  t.match(parseResponseHead(Buffer.from(text, "latin1"), "GET"), { framing: { kind: "chunked" } });
});
