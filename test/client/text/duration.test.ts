import t from "tap";
import { durationText, parseDuration } from "../../../src/client/text/duration.ts";

void t.test("numbers with their units, one after the other, are a duration, in milliseconds", (t) => {
  const read = {
    "500ms": 500,
    "30s": 30_000,
    "1.5m": 90_000,
    "2h": 7_200_000,
    "1h30m": 5_400_000,
    "1h2m3s4ms": 3_723_004,
    "0": 0,
    "0s": 0,
    "0.0004s": undefined,
  };
  for (const [text, ms] of Object.entries(read)) t.equal(parseDuration(text), ms, text);
  t.end();
});

void t.test("anything else is none", (t) => {
  for (const text of [
    "",
    "30",
    "s",
    "-1s",
    "+1s",
    "1 s",
    "1S",
    "1d",
    "1.s",
    ".5s",
    "1e3s",
    "1s2",
    "1h30",
    "1.2.3s",
    "٣s",
    "9999999999s",
  ])
    t.equal(parseDuration(text), undefined, JSON.stringify(text));
  t.end();
});

void t.test("people read it with the unit that suits its length", (t) => {
  t.strictSame([0, 400.4, 9_812, 30_000, 119_900, 150_000, 10_800_000].map(durationText), [
    "0 ms",
    "400 ms",
    "9.8 s",
    "30 s",
    "119.9 s",
    "2.5 min",
    "3 h",
  ]);
  t.end();
});
