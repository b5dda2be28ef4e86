import t from "tap";
import {
  Fields,
  type Http1Request,
  http2Fields,
  http2RequestFields,
  http2ResponseFields,
  http2UpgradeFields,
  http2WebSocketFields,
  parseRequestHead,
  readRequestHead,
  readResponseHead,
} from "../../../src/http/index.ts";
import { fieldList } from "./field-lists.ts";

const fields = Fields.fromPairs([
  ["Content-Type", "text/plain"],
  ["Connection", "close, X-Hop"],
  ["X-HOP", "1"],
  ["Keep-Alive", "timeout=5"],
  ["Transfer-Encoding", "chunked"],
  ["Set-Cookie", "a"],
  ["Set-Cookie", "b"],
]);

void t.test(
  "RFC 9113 §8.2: names are lower case, nothing of the connection stays, nominated fields neither",
  async (t) => {
    const pairs = http2ResponseFields({ status: 200, fields });
    t.same(pairs, [
      [":status", "200"],
      ["content-type", "text/plain"],
      ["set-cookie", "a"],
      ["set-cookie", "b"],
    ]);
    t.notOk("malformed" in readResponseHead(fieldList(pairs)));
  },
);

void t.test("RFC 8441 §5: the answer to an upgrade is 200 without the proof of the key", async (t) => {
  const answer = Fields.fromPairs([
    ["Upgrade", "websocket"],
    ["Connection", "Upgrade"],
    ["Sec-WebSocket-Accept", "x"],
    ["Sec-WebSocket-Protocol", "chat"],
  ]);
  t.same(http2UpgradeFields({ status: 101, fields: answer }), [
    [":status", "200"],
    ["sec-websocket-protocol", "chat"],
  ]);
  t.same(http2UpgradeFields({ status: 403, fields: answer })[0], [":status", "403"]);
});

void t.test("trailers are fields as others", async (t) => {
  t.same(http2Fields(Fields.fromPairs([["Grpc-Status", "0"]])), [["grpc-status", "0"]]);
});

function http1(...lines: string[]): Http1Request {
  const request = parseRequestHead(Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1"));
  if ("ambiguity" in request) throw new Error(request.ambiguity);
  return request;
}

void t.test("RFC 9113 §8.3.1: every form of a request's target says the same in HTTP/2", async (t) => {
  const cases: [line: string, ...pairs: [string, string][]][] = [
    ["GET /a?b HTTP/1.1", [":method", "GET"], [":scheme", "http"], [":authority", "h"], [":path", "/a?b"]],
    [
      "GET HTTPS://o:1?b HTTP/1.1",
      [":method", "GET"],
      [":scheme", "https"],
      [":authority", "o:1"],
      [":path", "/?b"],
    ],
    ["OPTIONS * HTTP/1.1", [":method", "OPTIONS"], [":scheme", "http"], [":authority", "h"], [":path", "*"]],
    ["CONNECT o:1 HTTP/1.1", [":method", "CONNECT"], [":authority", "o:1"]],
  ];
  for (const [line, ...wanted] of cases) {
    const pairs = http2RequestFields(http1(line, "Host: h"), { scheme: "http" });
    t.same(pairs, wanted, line);
    t.notOk("malformed" in readRequestHead(fieldList(pairs)), line);
  }
});

void t.test("of TE only trailers stays, and a WebSocket loses its key and its upgrade", async (t) => {
  const te = http1("GET / HTTP/1.1", "Host: h", "TE: gzip, trailers;q=1", "TE: trailers", "Connection: te");
  t.same(http2RequestFields(te, { scheme: "http" }).slice(4), [["te", "trailers"]]);
  const socket = http1(
    ...["GET /s HTTP/1.1", "Host: h", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Key: k"],
    ...["Sec-WebSocket-Version: 13", "Sec-WebSocket-Protocol: chat"],
  );
  const pairs = http2WebSocketFields(socket, { scheme: "http" });
  t.same(pairs, [
    [":method", "CONNECT"],
    [":protocol", "websocket"],
    [":scheme", "http"],
    [":authority", "h"],
    [":path", "/s"],
    ["sec-websocket-version", "13"],
    ["sec-websocket-protocol", "chat"],
  ]);
  t.notOk("malformed" in readRequestHead(fieldList(pairs)));
});
