import t from "tap";
import { withClose } from "../../src/http/close-option.ts";
import { parseResponseHead } from "../../src/http/response.ts";

function closing(...lines: string[]): { head: string; changedAt: number; before: string } {
  const before = `${["HTTP/1.1 200 Fine", "Content-Length: 0", ...lines].join("\r\n")}\r\n\r\n`;
  const response = parseResponseHead(Buffer.from(before, "latin1"), "GET");
  if ("ambiguity" in response) throw new Error(response.ambiguity);
  const { head, changedAt } = withClose(response.fields);
  return { head: head.toString("latin1"), changedAt, before };
}

/** What is between the fixed lines and the end. */
const closed = (...lines: string[]): string[] =>
  closing(...lines)
    .head.split("\r\n")
    .slice(2, -2);

void t.test("RFC 9112 §9.6: a head without options gets one line, at its end", async (t) => {
  t.same(closed("X-A:  1\t", "x-a: \xe9"), ["X-A:  1\t", "x-a: \xe9", "Connection: close"]);
  t.same(closed(), ["Connection: close"]);
});

void t.test("keep-alive becomes close where it stands, and nothing else changes", async (t) => {
  t.same(closed("a: b", "connection:  Keep-Alive ", "Keep-Alive: timeout=5"), [
    "a: b",
    "connection:  close ",
    "Keep-Alive: timeout=5",
  ]);
  t.same(closed("Connection: Foo,keep-alive , bar"), ["Connection: Foo,close , bar"]);
  t.same(closed("Connection: keep-alive", "CONNECTION: KEEP-ALIVE"), [
    "Connection: close",
    "CONNECTION: close",
  ]);
});

void t.test("what only looks like it is left alone", async (t) => {
  const lines = ["Connection: keep-alive-x, x-keep-alive", "Proxy-Connection: keep-alive", "X: keep-alive"];
  t.same(closed(...lines), ["Connection: close", ...lines]);
});

void t.test("other options stay, behind ours: some read the first line only", async (t) => {
  t.same(closed("A: b", "Connection: Foo", "Connection: bar"), [
    "A: b",
    "Connection: close",
    "Connection: Foo",
    "Connection: bar",
  ]);
});

void t.test("RFC 9112 §9.3: whoever reads it knows that the connection ends", async (t) => {
  for (const version of ["1.0", "1.1"]) {
    for (const lines of [
      "",
      "Connection: keep-alive\r\n",
      "Connection: x\r\nConnection: y, keep-alive\r\n",
    ]) {
      const head = Buffer.from(`HTTP/${version} 200 OK\r\nContent-Length: 0\r\n${lines}\r\n`);
      const response = parseResponseHead(head, "GET");
      if ("ambiguity" in response) throw new Error(response.ambiguity);
      t.match(parseResponseHead(withClose(response.fields).head, "GET"), { keepAlive: false, version });
    }
  }
});

void t.test("no byte before the place that is told differs", async (t) => {
  for (const lines of [[], ["Connection: keep-alive"], ["A: b", "Connection: c", "D: e"]]) {
    const { head, changedAt, before } = closing(...lines);
    t.equal(head.slice(0, changedAt), before.slice(0, changedAt));
    t.not(head.slice(changedAt), before.slice(changedAt));
  }
});
