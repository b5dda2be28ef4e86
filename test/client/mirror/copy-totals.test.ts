import t from "tap";
import type { Copies } from "../../../src/protocol/index.ts";
import { CopyCounter } from "../../../src/client/mirror/copy-totals.ts";
import type { CopyTotals } from "../../../src/client/running/index.ts";

function copies(change: Partial<Copies>): Copies {
  const none = { sent: 0, dropped: 0, failed: 0, skipped: 0, answersDropped: 0, bytes: 0, lastDrop: null };
  return { type: "copies", subscription: 1, ...none, ...change };
}

/** Of which session they are. */
const session = {};

void t.test("the counts of all ports are added up, each port's own last account counting", async (t) => {
  const told: CopyTotals[] = [];
  const counter = new CopyCounter({ tell: (totals) => told.push(totals), intervalMs: 60_000 });
  counter.take(copies({ sent: 1 }), session);
  counter.take(copies({ sent: 5, dropped: 1, lastDrop: "no room" }), session);
  counter.take(copies({ subscription: 2, sent: 10, skipped: 3, bytes: 7 }), session);
  counter.unanswered("it closed");
  t.match(told, [{ sent: 1 }], "told at once, then not before the interval");
  counter.close();
  counter.close();
  t.match(told.slice(1), [
    { sent: 15, dropped: 1, failed: 0, skipped: 3, bytes: 7, unanswered: 1, lastReason: "it closed" },
  ]);
  t.equal(told.length, 2);
});

void t.test("while something changes it is told each interval, and not when nothing does", async (t) => {
  let heard = Promise.withResolvers<CopyTotals>();
  let times = 0;
  const counter = new CopyCounter({
    tell: (totals) => {
      times++;
      heard.resolve(totals);
    },
    intervalMs: 5,
  });
  // Timers of the counter keep nobody waiting, so that this test must.
  const keep = setInterval(() => undefined, 1_000);
  counter.take(copies({ sent: 1 }), session);
  heard = Promise.withResolvers();
  counter.take(copies({ sent: 2 }), session);
  t.match(await heard.promise, { sent: 2 });
  const before = times;
  await new Promise((resolve) => setTimeout(resolve, 20));
  t.equal(times, before);
  clearInterval(keep);
});

void t.test("after a lost session the next one's counts are added to what was counted before", async (t) => {
  const counter = new CopyCounter({ tell: () => undefined, intervalMs: 60_000 });
  const [first, second] = [{}, {}];
  counter.take(copies({ sent: 5 }), first);
  counter.take(copies({ sent: 1, failed: 1 }), second);
  t.match(counter.totals, { sent: 6, failed: 1 });
  counter.take(copies({ sent: 7 }), first);
  t.match(counter.totals, { sent: 8, failed: 1 }, "sessions with several members tell by turns");
  counter.close();
});

void t.test("a session without a single copy says so at its end", async (t) => {
  const told: CopyTotals[] = [];
  new CopyCounter({ tell: (totals) => told.push(totals) }).close();
  t.match(told, [{ sent: 0, dropped: 0 }]);
});
