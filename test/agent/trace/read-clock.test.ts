import t from "tap";
import { ReadClock } from "../../../src/agent/trace/read-clock.ts";

/** Looks until the time has gone on by itself. */
function laterThan(beforeMs: number): void {
  while (performance.now() === beforeMs);
}

void t.test("what comes of one read has one time, the first at which it was asked for", async (t) => {
  const clock = new ReadClock();
  const beforeMs = performance.now();
  clock.hold();
  laterThan(beforeMs);
  const { nowMs } = clock;
  t.ok(nowMs > beforeMs);
  laterThan(nowMs);
  t.equal(clock.nowMs, nowMs);
  clock.release();
  t.ok(clock.nowMs > nowMs);
});

void t.test("each read has a time of its own, and between reads the time goes on", async (t) => {
  const clock = new ReadClock();
  clock.hold();
  const first = clock.nowMs;
  laterThan(first);
  clock.hold();
  const second = clock.nowMs;
  t.ok(second > first);
  clock.release();
  laterThan(second);
  const third = clock.nowMs;
  laterThan(third);
  t.ok(clock.nowMs > third);
});
