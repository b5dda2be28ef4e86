import t from "tap";
import { TellingBudget } from "../../../src/agent/trace/telling-budget.ts";

void t.test("a tenth of the time goes into telling, however long one takes", (t) => {
  let nowMs = 1_000;
  const budget = new TellingBudget(() => nowMs);
  const tell = (tookMs: number): boolean => budget.run(() => void (nowMs += tookMs));
  let toldMs = 0;
  for (let count = 0; count < 1_000; count++) {
    if (tell(5)) toldMs += 5;
    nowMs += 5;
  }
  const passedMs = nowMs - 1_000;
  t.ok(toldMs <= passedMs / 10 + 205, `${toldMs} of ${passedMs} ms`);
  t.ok(toldMs >= passedMs / 10);
  t.equal(
    budget.run(() => t.fail("nothing is done")),
    false,
  );
  nowMs += 3_000;
  t.equal(tell(1), true, "what was saved up");
  t.end();
});

void t.test("what fails has taken its time, too", (t) => {
  let nowMs = 1_000;
  const budget = new TellingBudget(() => nowMs);
  t.throws(() =>
    budget.run(() => {
      nowMs += 5_000;
      throw new Error("in vain");
    }),
  );
  t.equal(
    budget.run(() => undefined),
    false,
  );
  t.end();
});
