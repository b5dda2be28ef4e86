import t from "tap";
import { shortSize, shortTime } from "../../../src/client/watch/columns.ts";

void t.test("durations and sizes fit their columns", async (t) => {
  const times = [0, 0.04, 9.94, 9.96, 999.4, 999.6, 99_949, 99_951, 3_599_000, 3_600_000, 360_000_000];
  for (const ms of times) t.ok(shortTime(ms).length <= 7, `${ms}: ${shortTime(ms)}`);
  t.same([0, 4.25, 320, 1_500, 120_000].map(shortTime), ["0.0ms", "4.3ms", "320ms", "1.5s", "2min"]);
  for (const size of [0, 999, 1_000, 9_949, 9_951, 999_499, 999_501, 1e9, 5e11, 9e12])
    t.ok(shortSize(size).length <= 6, `${size}: ${shortSize(size)}`);
  t.same([0, 999, 1_500, 2e6].map(shortSize), ["0", "999", "1.5k", "2.0M"]);
});
