import t from "tap";
import { countText, parseCountTest, standingOf } from "../../../src/client/expect/count-test.ts";

const standing = (test: string, min: number, max = min) => {
  const read = parseCountTest(test);
  return read === undefined ? undefined : standingOf(read, { min, max });
};

void t.test("counts are written with a sign or without", async (t) => {
  for (const [written, text] of [
    ["3", "3"],
    ["=3", "3"],
    ["==3", "3"],
    [">=3", ">=3"],
    [">2", ">=3"],
    ["<=3", "<=3"],
    ["< 4", "<=3"],
    ["0", "0"],
  ] as const) {
    const read = parseCountTest(written);
    t.equal(read === undefined ? undefined : countText(read), text, written);
  }
  for (const wrong of ["", "three", "-1", "=>3", "<0", "1.5", "3 4", "9999999999"])
    t.equal(parseCountTest(wrong), undefined, wrong);
});

void t.test("at least: certain once reached, never broken", async (t) => {
  t.equal(standing(">=2", 1), "open");
  t.equal(standing(">=2", 2), "certain");
  t.equal(standing(">=2", 1, 2), "unsure");
  t.equal(standing(">=0", 0, Infinity), "certain");
});

void t.test("at most and none: holding until broken for ever", async (t) => {
  t.equal(standing("0", 0), "holding");
  t.equal(standing("0", 1), "broken");
  t.equal(standing("0", 0, 1), "unsure", "never a wrong pass");
  t.equal(standing("0", 0, Infinity), "unsure");
  t.equal(standing("<=2", 2), "holding");
  t.equal(standing("<=2", 3), "broken");
  t.equal(standing("<=2", 2, 3), "unsure");
});

void t.test("exactly: open, holding, broken", async (t) => {
  t.same(
    [0, 1, 2, 3].map((count) => standing("2", count)),
    ["open", "open", "holding", "broken"],
  );
  t.equal(standing("2", 1, 3), "unsure");
  t.equal(standing("2", 0, 1), "open", "even with all that is unknown");
});
