import { mock } from "node:test";
import t from "tap";
import { TimeBound } from "../../../src/agent/session/time-bound.ts";

/** What is said until all of `forMs` and more has passed, and when. */
function saidWithin(forMs: number): string[] {
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
  try {
    const said: string[] = [];
    const bound = new TimeBound({
      forMs,
      onSoon: (leftMs) => said.push(`${Date.now()}: ${leftMs} left`),
      onOver: () => said.push(`${Date.now()}: over`),
    });
    said.push(`until ${bound.until}`);
    for (let passed = 0; passed <= forMs; passed += 100) mock.timers.tick(100);
    return said;
  } finally {
    mock.timers.reset();
  }
}

void t.test("the end is announced a tenth of the time before, at most a minute", async (t) => {
  t.same(saidWithin(20_000), ["until 20000", "18000: 2000 left", "20000: over"]);
  t.same(saidWithin(3_600_000), ["until 3600000", "3540000: 60000 left", "3600000: over"]);
});

void t.test("what lasts but a moment is not announced", async (t) => {
  t.same(saidWithin(5_000), ["until 5000", "5000: over"]);
});

void t.test("nothing is said once it is disposed", async (t) => {
  mock.timers.enable({ apis: ["setTimeout"] });
  t.teardown(() => mock.timers.reset());
  const said: string[] = [];
  const bound = new TimeBound({
    forMs: 100,
    onSoon: () => said.push("soon"),
    onOver: () => said.push("over"),
  });
  bound[Symbol.dispose]();
  mock.timers.tick(1_000);
  t.same(said, []);
});
