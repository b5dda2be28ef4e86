import t from "tap";
import { faultOfPartialHead, findHeadEnd, skipEmptyLines } from "../../src/http/head-end.ts";
import { MAX_HEAD_BYTES } from "../../src/http/limits.ts";

const bytes = (text: string) => Buffer.from(text, "latin1");
const fault = (text: string) => faultOfPartialHead(bytes(text), 0, text.length);

void t.test("a head ends behind its empty line, and not beyond what has come", async (t) => {
  const head = bytes("xxGET / HTTP/1.1\r\nA: 1\r\n\r\nmore\r\n\r\n");
  const end = head.indexOf("more");
  t.equal(findHeadEnd(head, 2, head.length), end);
  t.equal(findHeadEnd(head, 2, end), end);
  for (let to = 2; to < end; to++) t.equal(findHeadEnd(head, 2, to), -1);
  t.equal(findHeadEnd(bytes("A\n\nB"), 0, 4), -1, "LF LF ends nothing");
});

void t.test("RFC 9112 §2.2: empty lines before a request are skipped, a CR alone is kept", async (t) => {
  t.equal(skipEmptyLines(bytes("\r\n\r\nG"), 0, 5), 4);
  t.equal(skipEmptyLines(bytes("\r\n\r"), 0, 3), 2);
  t.equal(skipEmptyLines(bytes("\nG"), 0, 2), 0);
  t.equal(skipEmptyLines(bytes("\r\nG"), 0, 1), 0, "not beyond what has come");
});

void t.test("a head that may still become readable has no fault, at any length of it", async (t) => {
  const head = "GET /a HTTP/1.1\r\nHost: a\r\nX: 1\r\n\r";
  for (let length = 0; length <= head.length; length++)
    t.equal(fault(head.slice(0, length)), undefined, String(length));
});

void t.test("a head that can never become readable is told before it is whole", async (t) => {
  t.equal(fault("hello\r\n"), "malformed-start-line");
  t.equal(fault("GET / HTTP/2.0\r\n"), "malformed-start-line");
  t.equal(fault("GET / HTTP/1.1\n"), "bare-cr-or-lf");
  t.equal(fault("GET / HTTP/1.1\r\r\n"), "bare-cr-or-lf");
  t.equal(fault("GET / HTTP/1.1 \r\n"), "malformed-start-line");
  t.equal(fault("GET / HTTP/1.1\r\nA: 1\n"), "bare-cr-or-lf");
  t.equal(fault(`GET /${"x".repeat(MAX_HEAD_BYTES)}`), "head-too-large");
  t.equal(fault(`GET /${"x".repeat(MAX_HEAD_BYTES - 5)}`), undefined);
});

void t.test(
  "lines that were found good are not read again, and a bad one behind them is found",
  async (t) => {
    const head = "GET /a HTTP/1.1\r\nA: 1\r\nB: 2\n";
    for (let seen = 0; seen < head.length - 1; seen++)
      t.equal(faultOfPartialHead(bytes(head), 0, head.length, seen), "bare-cr-or-lf", String(seen));
    t.equal(faultOfPartialHead(bytes("GET /a HTTP/1.1\r\nA\nB\r\n"), 0, 22, 19), undefined);
  },
);

void t.test("bytes outside the range are not looked at", async (t) => {
  const all = bytes("\nGET / HTTP/1.1\r\nA: 1\n");
  t.equal(faultOfPartialHead(all, 1, all.length - 1), undefined);
});
