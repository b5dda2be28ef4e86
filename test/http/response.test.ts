import t from "tap";
import type { Ambiguity } from "../../src/http/ambiguity.ts";
import { CHUNKED, NO_BODY, UNTIL_CLOSE } from "../../src/http/framing.ts";
import { parseResponseHead } from "../../src/http/response.ts";

const parse = (head: string, method = "GET") => parseResponseHead(Buffer.from(head, "latin1"), method);

function read(head: string, method?: string) {
  const response = parse(head, method);
  if ("ambiguity" in response) throw new Error(response.ambiguity);
  return response;
}

void t.test("RFC 9112 §4: version, status and reason are kept as sent", async (t) => {
  t.match(read("HTTP/1.0 299 Very  \xe9 odd\t\r\nA: 1\r\n\r\n"), {
    version: "1.0",
    status: 299,
    reason: "Very  \xe9 odd\t",
  });
  t.match(read("HTTP/1.1 200 \r\n\r\n"), { status: 200, reason: "" });
});

void t.test("the blank before an empty reason may be missing, as some servers leave it out", async (t) => {
  t.match(read("HTTP/1.1 200\r\nContent-Length: 1\r\n\r\n"), {
    status: 200,
    reason: "",
    framing: { bytes: 1 },
  });
});

void t.test("RFC 9112 §6.3: framing of a response, in the order of its rules", async (t) => {
  const framing = (head: string, method?: string) => read(`HTTP/1.1 ${head}\r\n\r\n`, method).framing;
  const both = "Content-Length: 5\r\nTransfer-Encoding: chunked";
  for (const status of ["100 C", "103 E", "204 N", "304 M"]) {
    t.equal(framing(`${status}\r\nContent-Length: 5`), NO_BODY, status);
    t.equal(framing(`${status}\r\n${both}`), NO_BODY, status);
  }
  t.equal(framing("200 OK\r\nContent-Length: 5", "HEAD"), NO_BODY);
  t.equal(framing("200 OK\r\nContent-Length: 5", "CONNECT"), NO_BODY);
  t.same(framing("404 No\r\nContent-Length: 5", "CONNECT"), { kind: "length", bytes: 5 });
  t.same(framing("200 OK\r\nContent-Length: 5", "head"), { kind: "length", bytes: 5 }, "methods have a case");
  t.equal(framing("200 OK\r\nTransfer-Encoding: chunked"), CHUNKED);
  t.equal(framing("205 Reset\r\nContent-Length: 0"), NO_BODY);
  t.equal(framing("200 OK"), UNTIL_CLOSE);
});

void t.test("RFC 9110 §15.2.2, §9.3.6: 101, and 2xx to CONNECT, switch protocols", async (t) => {
  t.equal(read("HTTP/1.1 101 S\r\n\r\n").switchesProtocol, true);
  t.equal(read("HTTP/1.1 299 OK\r\n\r\n", "CONNECT").switchesProtocol, true);
  t.equal(read("HTTP/1.1 300 No\r\n\r\n", "CONNECT").switchesProtocol, false);
  t.equal(read("HTTP/1.1 200 OK\r\n\r\n").switchesProtocol, false);
});

void t.test(
  "RFC 9112 §9.3: a body until close ends the connection; else version and Connection decide",
  async (t) => {
    t.equal(read("HTTP/1.1 200 OK\r\nConnection: keep-alive\r\n\r\n").keepAlive, false);
    t.equal(read("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").keepAlive, true);
    t.equal(read("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").keepAlive, false);
    t.equal(read("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n").keepAlive, false);
    t.equal(read("HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: Keep-Alive\r\n\r\n").keepAlive, true);
  },
);

const faults: [ambiguity: Ambiguity, name: string, head: string][] = [
  ["malformed-start-line", "another protocol", "ICY 200 OK\r\n\r\n"],
  ["malformed-start-line", "HTTP/2", "HTTP/2 200\r\n\r\n"],
  ["malformed-start-line", "a status of two digits", "HTTP/1.1 20 OK\r\n\r\n"],
  ["malformed-start-line", "a status of four digits", "HTTP/1.1 2000 OK\r\n\r\n"],
  ["malformed-start-line", "a status below 100", "HTTP/1.1 099 OK\r\n\r\n"],
  ["malformed-start-line", "two blanks before the status", "HTTP/1.1  200 OK\r\n\r\n"],
  ["malformed-start-line", "a status that is no number", "HTTP/1.1 2x0 OK\r\n\r\n"],
  ["unsupported-version", "HTTP/1.2", "HTTP/1.2 200 OK\r\n\r\n"],
  ["bare-cr-or-lf", "a bare LF behind the reason", "HTTP/1.1 200 OK\nA: 1\r\n\r\n"],
  ["bare-cr-or-lf", "a bare CR in the reason", "HTTP/1.1 200 O\rK\r\n\r\n"],
  [
    "repeated-content-length",
    "two lengths",
    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
  ],
  ["invalid-content-length", "a bad length", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"],
  [
    "content-length-with-transfer-encoding",
    "both framings",
    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
  ],
  ["unsupported-transfer-encoding", "another coding", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n"],
  [
    "transfer-encoding-in-http-1.0",
    "chunked in 1.0",
    "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
  ],
  ["folded-field-line", "a folded line", "HTTP/1.1 200 OK\r\nA: 1\r\n b\r\n\r\n"],
];
for (const [ambiguity, name, head] of faults)
  void t.test(`RFC 9112 §11.2: ${name}: ${ambiguity}`, async (t) => t.same(parse(head), { ambiguity }));
