import t from "tap";
import type { Opening } from "../../../src/protocol/index.ts";
import { type AnsweredPair, Pairs } from "../../../src/client/mirror/pairs.ts";

const request = { method: "GET", target: "/", isHeadOnly: true, mayUpgrade: false };
const head = Buffer.from("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");

function opening(requestId: string): Opening {
  return {
    meta: {
      ...{ copy: "request", kind: "http1", endsWithHead: false, subscription: 1, requestId, port: 80 },
      ...{ peer: { address: "10.0.0.9", port: 1 }, original: { address: "10.0.0.1", port: 80 } },
      ...{ connection: 1, tls: null },
    },
    head: Buffer.from("GET / HTTP/1.1\r\n\r\n"),
  };
}

function pairs(waitMs = 60_000) {
  const found: AnsweredPair[] = [];
  const told = { gone: 0 };
  const waiting = new Pairs({ waitMs, onPair: (pair) => found.push(pair), onGone: () => void told.gone++ });
  const begin = (id: string) => waiting.begin({ request, opening: opening(id), kind: "http1" });
  return { waiting, found, told, begin };
}

void t.test("a pair is whole when both answers are over, and then waits no more", async (t) => {
  const { waiting, found, told, begin } = pairs();
  const local = begin("1");
  const original = waiting.original("1");
  original?.head(head);
  local.head(head);
  local.complete();
  t.same(found, []);
  original?.data(Buffer.from("x"));
  original?.complete();
  t.match(found, [{ original: { body: { totalBytes: 1 } }, local: { status: 200 } }]);
  t.same([waiting.count, told.gone], [0, 1]);
});

void t.test("an answer is taken once, and by nobody when its request is not known", async (t) => {
  const { waiting, begin } = pairs();
  t.equal(waiting.original("1"), undefined);
  begin("1");
  t.ok(waiting.original("1"));
  t.equal(waiting.original("1"), undefined);
});

void t.test("above its bound the oldest is given up, and says why", async (t) => {
  const { waiting, found, begin } = pairs();
  for (let index = 0; index <= 512; index++) begin(String(index));
  t.equal(waiting.count, 512);
  t.match(found, [
    {
      opening: { meta: { requestId: "0" } },
      local: { end: { how: "none", reason: /too many requests/ } },
      original: { end: { how: "none" } },
    },
  ]);
});

void t.test("the second answer is waited for as long as may be", async (t) => {
  const { found, begin } = pairs(5);
  const keep = setInterval(() => undefined, 1_000);
  const local = begin("1");
  local.head(head);
  local.complete();
  while (found.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  clearInterval(keep);
  t.match(found, [{ original: { end: { how: "none", reason: "no end within 5 ms" } } }]);
});

void t.test("after a local failure an answer that has not begun is waited for a second only", async (t) => {
  const { found, begin } = pairs(60_000);
  const keep = setInterval(() => undefined, 1_000);
  begin("1").lost("connection refused");
  while (found.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  clearInterval(keep);
  t.match(found, [
    {
      local: { end: { reason: "connection refused" } },
      original: { end: { how: "none", reason: /copies none/ } },
    },
  ]);
});

void t.test("with many under way less of each body is kept, and all of it is hashed", async (t) => {
  const { waiting, found, begin } = pairs();
  for (let index = 0; index < 100; index++) begin(`early ${index}`);
  const answers = [begin("late"), waiting.original("late")];
  for (const answer of answers) {
    answer?.head(head);
    answer?.data(Buffer.alloc(100_000));
    answer?.complete();
  }
  const [{ original, local } = {}] = found;
  t.ok(original?.body.isTruncated);
  t.equal(original?.body.bytes.length, 65_536);
  t.equal(original?.body.sha256, local?.body.sha256);
});

void t.test("what is withdrawn or closed is no pair", async (t) => {
  const { waiting, found, told, begin } = pairs();
  const locals = ["1", "2", "3"].map(begin);
  waiting.withdraw("1");
  waiting.close();
  for (const local of locals) local.lost("late");
  t.same([found, waiting.count, told.gone], [[], 0, 3]);
});
