import t from "tap";
import { durationText, parseDuration } from "../../../src/client/text/duration.ts";

void t.test("a duration is numbers with their units, one after the other", async (t) => {
  const cases: [text: string, ms: number | undefined][] = [
    ["0", 0],
    ["500ms", 500],
    ["30s", 30_000],
    ["1.5m", 90_000],
    ["1h30m", 5_400_000],
    ["1h2m3s4ms", 3_723_004],
  ];
  for (const [text, ms] of cases) t.equal(parseDuration(text), ms, text);
  for (const text of ["", "10", "-1s", "1 h", "1h30", "s", "1d", "1.2.3s", "1e3s", "9999999999s"])
    t.equal(parseDuration(text), undefined, JSON.stringify(text));
});

void t.test("a duration is written for people", async (t) => {
  const texts = [400, 9_800, 30_000, 150_000, 3_600_000 * 3].map(durationText);
  t.same(texts, ["400 ms", "9.8 s", "30 s", "2.5 min", "3 h"]);
});
