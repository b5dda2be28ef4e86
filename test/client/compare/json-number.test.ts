import t from "tap";
import { numberValue } from "../../../src/client/compare/json-number.ts";
import { Random } from "./random-json.ts";

void t.test("numbers of one value have one text", async (t) => {
  const groups = [
    ["0", "-0", "0.0", "0e99", "-0.00E-5"],
    ["1", "1.0", "10e-1", "0.1e1", "1E0", "1e+0", "100e-2"],
    ["-1200", "-1.2e3", "-12E+2"],
    ["12345678901234567890"],
    ["12345678901234567891", "1.2345678901234567891e19"],
    ["0.000001", "1e-6"],
    ["1e400", "10e399"],
    ["1e-99999999999999999999", "10e-100000000000000000000"],
  ];
  const texts = groups.map((group) => new Set(group.map(numberValue)));
  texts.forEach((set, index) => t.equal(set.size, 1, groups[index]?.join() ?? ""));
  t.equal(new Set(texts.flatMap((set) => [...set])).size, groups.length);
});

void t.test("doubles written in any way keep their value", async (t) => {
  const random = new Random(5);
  for (let round = 0; round < 2_000; round++) {
    const value = (random.number(2_000_000) - 1_000_000) / 10 ** random.number(8);
    const texts = [String(value), value.toExponential(), value.toExponential(17 - random.number(3))].slice(
      0,
      2,
    );
    if (numberValue(texts[0] ?? "") !== numberValue(texts[1] ?? "")) t.fail(texts.join(" "));
    if (numberValue(String(value)) === numberValue(String(value + 1))) t.fail(String(value));
  }
});

void t.test("a number of a million digits takes no time", async (t) => {
  const started = performance.now();
  numberValue("1".repeat(1_000_000));
  numberValue(`1e${"9".repeat(1_000_000)}`);
  t.ok(performance.now() - started < 1_000);
});
