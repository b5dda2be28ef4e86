import t from "tap";
import { Mirror } from "../../../src/agent/routing/index.ts";

void t.test("a sample takes its share, and counts the rest as skipped", async (t) => {
  const draws = [0, 0.2499, 0.25, 0.99];
  let counted = 0;
  const mirror = new Mirror({
    terms: { sample: 0.25, maxPerSecond: null, answers: false },
    random: () => draws.shift() ?? 1,
    onCounted: () => counted++,
  });
  t.same([mirror.takes(), mirror.takes(), mirror.takes(), mirror.takes()], [true, true, false, false]);
  t.equal(mirror.counts.skipped, 2);
  t.equal(counted, 2);
});

void t.test("a rate allows a burst of a second's worth, and at least one", async (t) => {
  for (const [maxPerSecond, burst] of [
    [5, 5],
    [0.001, 1],
  ] as const) {
    const terms = { sample: 1, maxPerSecond, answers: false };
    const mirror = new Mirror({ terms, onCounted: () => undefined });
    const taken = Array.from({ length: 20 }, () => mirror.takes()).filter(Boolean).length;
    t.ok(taken === burst || taken === burst + 1, `${taken}`);
    t.equal(mirror.counts.skipped, 20 - taken);
  }
});

void t.test("what is dropped says why, the last one's reason", async (t) => {
  const mirror = new Mirror({
    terms: { sample: 1, maxPerSecond: null, answers: true },
    onCounted: () => undefined,
  });
  t.equal(mirror.lastDrop, null);
  mirror.drop("dropped", "one");
  mirror.drop("answersDropped", "two");
  mirror.count("sent");
  mirror.copied(7);
  t.equal(mirror.lastDrop, "two");
  t.same(mirror.counts, { sent: 1, dropped: 1, failed: 0, skipped: 0, answersDropped: 1, bytes: 7 });
});
