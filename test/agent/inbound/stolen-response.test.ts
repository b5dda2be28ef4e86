import t from "tap";
import { frameResponse, type ResponseReader } from "../../../src/agent/inbound/stolen-response.ts";
import { parseResponseHead } from "../../../src/http/index.ts";

const modern: ResponseReader = { version: "1.1", keepAlive: true };
const old: ResponseReader = { version: "1.0", keepAlive: false };
const oldKeeping: ResponseReader = { version: "1.0", keepAlive: true };

function framed(head: string, reader = modern, method = "GET") {
  const response = parseResponseHead(Buffer.from(head, "latin1"), method);
  if ("ambiguity" in response) throw new Error(response.ambiguity);
  const { head: bytes, body, keepAlive } = frameResponse(response, reader);
  return { text: bytes.toString("latin1"), body, keepAlive };
}

void t.test("status line, order, case, repetition and bytes beyond ASCII are kept", async (t) => {
  const head =
    "HTTP/1.1 299 Very \xe9 Odd\r\nx-B: 1\r\nX-a:2\r\nX-B: \xff\r\nSet-Cookie: a\r\nset-cookie: b\r\nContent-Length: 0\r\n\r\n";
  t.equal(framed(head).text, head.replace("X-a:2", "X-a: 2"));
});

void t.test("RFC 9110 §7.6.1: fields of the hop are left out, and those that Connection names", async (t) => {
  const { text } = framed(
    "HTTP/1.1 200 OK\r\nA: 1\r\nConnection: keep-alive, x-hop\r\nKeep-Alive: timeout=5\r\nX-Hop: 1\r\n" +
      "Proxy-Connection: close\r\nB: 2\r\nconnection: X-Other\r\nx-other: 3\r\nContent-Length: 2\r\n\r\n",
  );
  t.equal(text, "HTTP/1.1 200 OK\r\nA: 1\r\nB: 2\r\nContent-Length: 2\r\n\r\n");
});

void t.test("an announced length stays; chunked and close-delimited become chunked", async (t) => {
  t.same(framed("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n").body, { kind: "length", bytes: 7 });
  for (const head of [
    "HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\nA: 1\r\n\r\n",
    "HTTP/1.1 200 OK\r\nA: 1\r\n\r\n",
  ]) {
    const { text, body, keepAlive } = framed(head);
    t.equal(text, "HTTP/1.1 200 OK\r\nA: 1\r\nTransfer-Encoding: chunked\r\n\r\n");
    t.same(body, { kind: "chunked" });
    t.equal(keepAlive, true);
  }
});

void t.test(
  "RFC 9112 §6.1: a client of HTTP/1.0 gets no chunks; the end of its connection ends the body",
  async (t) => {
    const { text, body, keepAlive } = framed(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
      oldKeeping,
    );
    t.equal(text, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
    t.same(body, { kind: "close" });
    t.equal(keepAlive, false);
  },
);

void t.test("RFC 9112 §9.3: the client is told whether its connection lives on", async (t) => {
  const head = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\n";
  t.notMatch(framed(head).text, "Connection");
  t.match(framed(head, { version: "1.1", keepAlive: false }).text, "\r\nConnection: close\r\n\r\n");
  t.match(framed(head, old).text, "\r\nConnection: close\r\n\r\n");
  t.match(framed(head, oldKeeping).text, "\r\nConnection: keep-alive\r\n\r\n");
  t.equal(framed(head, oldKeeping).keepAlive, true);
});

void t.test("RFC 9112 §6.3: HEAD, 204 and 304 have no body and keep what they say of it", async (t) => {
  for (const [status, method] of [
    ["200 OK", "HEAD"],
    ["304 Not Modified", "GET"],
  ] as const) {
    const { text, body } = framed(`HTTP/1.1 ${status}\r\nContent-Length: 9\r\n\r\n`, modern, method);
    t.match(text, "Content-Length: 9");
    t.same(body, { kind: "none" });
  }
  t.equal(framed("HTTP/1.1 204 None\r\n\r\n").text, "HTTP/1.1 204 None\r\n\r\n");
});
