import t from "tap";
import { AnswerCache } from "../../../../src/client/outgoing/dns/answer-cache.ts";
import { ManualClock } from "../../../tunnel/manual-clock.ts";

function answer(ttl: number, bytes = 16): Buffer {
  const message = Buffer.alloc(bytes);
  message.writeUInt32BE(ttl, 12);
  return message;
}

void t.test("an answer is given for its time, with times counted down", async (t) => {
  const clock = new ManualClock();
  const cache = new AnswerCache({ clock });
  cache.put("a", answer(90), { seconds: 60, ttlAt: [12] });
  clock.advance(999);
  t.equal(cache.get("a")?.readUInt32BE(12), 90);
  clock.advance(58_001);
  t.equal(cache.get("a")?.readUInt32BE(12), 31);
  clock.advance(1000);
  t.equal(cache.get("a"), undefined);
  t.equal(cache.get("b"), undefined);
});

void t.test("what is given can be written to", async (t) => {
  const cache = new AnswerCache({ clock: new ManualClock() });
  const put = answer(60);
  cache.put("a", put, { seconds: 60, ttlAt: [12] });
  put.fill(0);
  cache.get("a")?.fill(0);
  t.equal(cache.get("a")?.readUInt32BE(12), 60);
});

void t.test("it is bounded in number and bytes, and what nobody asks for goes first", async (t) => {
  const clock = new ManualClock();
  const lifetime = { seconds: 60, ttlAt: [12] };
  const few = new AnswerCache({ clock, maxAnswers: 2 });
  few.put("a", answer(60), lifetime);
  few.put("b", answer(60), lifetime);
  few.get("a");
  few.put("c", answer(60), lifetime);
  t.same(
    ["a", "b", "c"].map((key) => few.get(key) !== undefined),
    [true, false, true],
  );
  const small = new AnswerCache({ clock, maxBytes: 2100 });
  for (const key of ["a", "b", "b", "c"]) small.put(key, answer(60, 1000), lifetime);
  t.same(
    ["a", "b", "c"].map((key) => small.get(key) !== undefined),
    [false, true, true],
  );
  small.put("d", answer(60, 17_000), lifetime);
  t.equal(small.get("d"), undefined, "one that is large is not kept");
  t.ok(small.get("c"), "and drives nobody out");
});
