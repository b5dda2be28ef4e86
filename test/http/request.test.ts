import t from "tap";
import type { Ambiguity } from "../../src/http/ambiguity.ts";
import { newMarks } from "../../src/http/field-lines.ts";
import { CHUNKED, NO_BODY } from "../../src/http/framing.ts";
import { parseRequestHead } from "../../src/http/request.ts";

const parse = (head: string) => parseRequestHead(Buffer.from(head, "latin1"));

function read(head: string) {
  const request = parse(head);
  if ("ambiguity" in request) throw new Error(request.ambiguity);
  return request;
}

void t.test("RFC 9112 §3: method, target and version are kept as sent", async (t) => {
  const request = read("pAtch /a%2Fb//?x=1&&y#z HTTP/1.1\r\nhOST: a:80\r\nB:\r\n\r\n");
  t.match(request, { method: "pAtch", target: "/a%2Fb//?x=1&&y#z", version: "1.1", authority: "a:80" });
  t.same(request.fields.pairs(), [
    ["hOST", "a:80"],
    ["B", ""],
  ]);
  t.match(read("GET /\xe9 HTTP/1.0\r\n\r\n"), { target: "/\xe9", version: "1.0", authority: "" });
});

void t.test("a head is read where it lies, between other bytes", async (t) => {
  const head = "GET /a HTTP/1.1\r\nHost: a\r\nX: 1\r\n\r\n";
  const bytes = Buffer.from(`A: 1\r\n${head}B: 2\r\n\r\n`);
  const request = parseRequestHead(bytes, 6, 6 + head.length, newMarks());
  t.match(request, { method: "GET", target: "/a" });
  t.same("fields" in request && request.fields.pairs(), [
    ["Host", "a"],
    ["X", "1"],
  ]);
});

void t.test("RFC 9112 §3.2: the authority is the target's own where it has one, else Host", async (t) => {
  for (const [target, authority, method = "GET"] of [
    ["/", "h"],
    ["*", "h"],
    ["http://t:81/p?q", "t:81"],
    ["HTTP://t?q", "t"],
    ["https://t#f", "t"],
    ["http://t", "t"],
    ["/http://t/", "h"],
    ["t:443", "t:443", "CONNECT"],
  ] as const)
    t.equal(read(`${method} ${target} HTTP/1.1\r\nHost: h\r\n\r\n`).authority, authority, target);
});

void t.test("RFC 9112 §6.3: framing of a request", async (t) => {
  const framing = (lines: string) => read(`POST / HTTP/1.1\r\n${lines}\r\n`).framing;
  t.equal(framing(""), NO_BODY);
  t.equal(framing("Content-Length: 0\r\n"), NO_BODY);
  t.same(framing("content-length:  12\t\r\n"), { kind: "length", bytes: 12 });
  t.equal(framing("Transfer-Encoding: CHUNKED\r\n"), CHUNKED);
});

void t.test("RFC 9110 §7.8, §9.3.6: upgrade and CONNECT may switch protocols", async (t) => {
  t.equal(read("GET / HTTP/1.1\r\n\r\n").mayUpgrade, false);
  t.equal(read("GET / HTTP/1.1\r\nUpgrade: x\r\n\r\n").mayUpgrade, true);
  t.equal(read("CONNECT a:1 HTTP/1.1\r\n\r\n").mayUpgrade, true);
});

void t.test("RFC 9110 §10.1.1: only a request of 1.1 expects 100", async (t) => {
  t.equal(read("POST / HTTP/1.1\r\nExpect: 100-continue\r\n\r\n").expectsContinue, true);
  t.equal(read("POST / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n").expectsContinue, false);
  t.equal(read("POST / HTTP/1.1\r\n\r\n").expectsContinue, false);
});

const faults: [ambiguity: Ambiguity, name: string, head: string][] = [
  ["malformed-start-line", "no method", " / HTTP/1.1\r\n\r\n"],
  ["malformed-start-line", "a method that is no token", "G(T / HTTP/1.1\r\n\r\n"],
  ["malformed-start-line", "two blanks before the target", "GET  / HTTP/1.1\r\n\r\n"],
  ["malformed-start-line", "two blanks behind the target", "GET /  HTTP/1.1\r\n\r\n"],
  ["malformed-start-line", "a blank in the target", "GET /a b HTTP/1.1\r\n\r\n"],
  ["malformed-start-line", "a tab in place of a blank", "GET\t/ HTTP/1.1\r\n\r\n"],
  ["malformed-start-line", "no version (HTTP/0.9)", "GET /\r\n\r\n"],
  ["malformed-start-line", "http in small letters", "GET / http/1.1\r\n\r\n"],
  ["malformed-start-line", "a blank behind the version", "GET / HTTP/1.1 \r\n\r\n"],
  ["malformed-start-line", "DEL in the target", "GET /\x7f HTTP/1.1\r\n\r\n"],
  ["malformed-start-line", "HTTP/2.0", "GET / HTTP/2.0\r\n\r\n"],
  ["malformed-start-line", "HTTP/1.10", "GET / HTTP/1.10\r\n\r\n"],
  ["unsupported-version", "HTTP/1.2", "GET / HTTP/1.2\r\n\r\n"],
  ["unsupported-version", "HTTP/1.x", "GET / HTTP/1.x\r\n\r\n"],
  ["bare-cr-or-lf", "a bare LF behind the start line", "GET / HTTP/1.1\nA: 1\r\n\r\n"],
  ["bare-cr-or-lf", "CR CR LF behind the start line", "GET / HTTP/1.1\r\r\n\r\n"],
  ["bare-cr-or-lf", "a bare LF in the target", "GET /\nx HTTP/1.1\r\n\r\n"],
  ["nul-byte", "NUL in the target", "GET /\0 HTTP/1.1\r\n\r\n"],
  ["folded-field-line", "a blank before the first field", "GET / HTTP/1.1\r\n A: 1\r\n\r\n"],
  [
    "repeated-content-length",
    "equal lengths",
    "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
  ],
  ["invalid-content-length", "a list of lengths", "POST / HTTP/1.1\r\nContent-Length: 1, 1\r\n\r\n"],
  ["invalid-content-length", "an empty length", "POST / HTTP/1.1\r\nContent-Length:\r\n\r\n"],
  [
    "content-length-with-transfer-encoding",
    "both framings",
    "POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
  ],
  [
    "content-length-with-transfer-encoding",
    "both framings, whatever the coding",
    "POST / HTTP/1.1\r\nTransfer-Encoding: x\r\nContent-Length: 1\r\n\r\n",
  ],
  [
    "unsupported-transfer-encoding",
    "another coding",
    "POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
  ],
  [
    "transfer-encoding-in-http-1.0",
    "chunked in 1.0",
    "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
  ],
  ["repeated-host", "two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"],
  ["body-in-connect", "CONNECT with a length", "CONNECT a:1 HTTP/1.1\r\nContent-Length: 1\r\n\r\n"],
  ["body-in-connect", "CONNECT with chunks", "CONNECT a:1 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"],
];
for (const [ambiguity, name, head] of faults)
  void t.test(`RFC 9112 §11.2: ${name}: ${ambiguity}`, async (t) => t.same(parse(head), { ambiguity }));
