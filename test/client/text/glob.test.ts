import t from "tap";
import { fitsGlob } from "../../../src/client/text/glob.ts";
import { Random } from "../compare/random-json.ts";

void t.test("agrees with the regular expression of the same meaning", async (t) => {
  const random = new Random(31);
  const make = (letters: readonly string[]) =>
    Array.from({ length: random.number(7) }, () => random.pick(letters)).join("");
  for (let round = 0; round < 5_000; round++) {
    const [glob, text] = [make(["a", "b", "*"]), make(["a", "b"])];
    const expected = new RegExp(`^${glob.replace(/\*+/g, ".*")}$`).test(text);
    if (fitsGlob(glob, text) !== expected) t.equal(!expected, expected, `${glob} and ${text}`);
  }
});

void t.test("many stars take no time", async (t) => {
  t.equal(fitsGlob(`${"*a".repeat(50)}b`, "a".repeat(50_000)), false);
});
