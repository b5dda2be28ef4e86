import t from "tap";
import { Budget, type Measured, STRIKES } from "../../../src/agent/budget/budget.ts";
import { DEFAULT_LIMITS } from "../../../src/agent/budget/limits.ts";

const fine: Measured = {
  loopDelayMs: { p50: 1, p99: 30, max: 40 },
  addedLatencyMs: { p50: 0.02, p99: 1 },
  rssBytes: 90 << 20,
};
const late: Measured = { ...fine, loopDelayMs: { p50: 300, p99: 512, max: 600 } };

/** What is told after each of these looks. */
function judged(...looks: Measured[]): (string | undefined)[] {
  const budget = new Budget(DEFAULT_LIMITS);
  return looks.map((look) => budget.judge(look));
}

const times = (count: number, look: Measured): Measured[] => Array.from({ length: count }, () => look);

void t.test("one pause, or several that do not follow each other, is no reason to go", (t) => {
  const looks = [...times(STRIKES - 1, late), fine, ...times(STRIKES - 1, late)];
  t.same(new Set(judged(...looks)), new Set([undefined]));
  t.end();
});

void t.test("a limit that is exceeded in every look is told with numbers", (t) => {
  t.same(judged(...times(STRIKES, late)).filter(Boolean), [
    `its event loop was late by 512 ms (99th percentile; the limit is 400 ms) in each of the last ${STRIKES} seconds`,
  ]);
  const slow = { ...fine, addedLatencyMs: { p50: 2, p99: 300 } };
  t.match(
    judged(...times(STRIKES, slow)).at(-1),
    /^it added 300 ms to requests \(99th percentile, the median is 2\.0 ms; /,
  );
  const large = { ...fine, rssBytes: 1_025 * 1024 * 1024 };
  t.match(judged(...times(STRIKES, large)).at(-1), /^it held 1025 MB of memory \(the limit is 1024 MB\)/);
  t.end();
});

void t.test("each limit is judged by itself", (t) => {
  const slow = { ...fine, addedLatencyMs: { p50: 2, p99: 300 } };
  const looks = Array.from({ length: 4 * STRIKES }, (_, index) => (index % 2 === 0 ? late : slow));
  t.same(new Set(judged(...looks)), new Set([undefined]));
  t.same(
    new Set(judged(...times(2 * STRIKES, { ...fine, addedLatencyMs: undefined }))),
    new Set([undefined]),
  );
  t.end();
});
