import t from "tap";
import { Pattern } from "../../../src/filters/pattern/pattern.ts";
import { Random } from "../random.ts";

/**
 * How many times as long the one takes: by the least of several times of each, since noise only ever adds, and in turn,
 * since the code is compiled at some moment in between.
 */
function growthOf(work: { readonly longer: () => void; readonly shorter: () => void }): number {
  const least = { longer: Infinity, shorter: Infinity };
  for (let round = 0; round < 20; round++) {
    for (const which of ["longer", "shorter"] as const) {
      const start = performance.now();
      work[which]();
      least[which] = Math.min(least[which], performance.now() - start);
    }
  }
  return least.longer / least.shorter;
}

const a = (length: number) => "a".repeat(length);
const mixed = (length: number) => {
  const random = new Random(length);
  return Array.from({ length }, () => random.pick(["a", "b"])).join("");
};

const cases: readonly (readonly [pattern: string, subject: (length: number) => string])[] = [
  ["^(a+)+$", (length) => `${a(length)}!`],
  ["^(.*a){12}$", (length) => `${a(length)}!`],
  ["(x+x+)+y", (length) => "x".repeat(length)],
  ["(a|aa)+$", (length) => `${a(length)}!`],
  ["(?:\\w+\\s?)+$", (length) => `${a(length)}!`],
  ["a{1,50}a{1,50}a{1,50}!", a],
  // Its deterministic automaton has 2^100 states, so nothing is ever looked up: the simulation itself is linear.
  ["a[ab]{100}c", mixed],
];

void t.test("time grows in step with the text, for patterns that are ruinous to backtracking", (t) => {
  for (const [source, subject] of cases) {
    const pattern = new Pattern(source);
    const [shorter, longer] = [subject(12_500), subject(50_000)];
    t.equal(pattern.test(longer), false);
    const growth = growthOf({
      longer: () => void pattern.test(longer),
      shorter: () => void pattern.test(shorter),
    });
    // Four times the text; quadratic growth would be 16.
    t.ok(growth < 9, `${source}: ${growth.toFixed(2)}`);
  }
  t.end();
});

void t.test("a pattern gives the same answers before and after its table was emptied", (t) => {
  const used = new Pattern("a[ab]{14}c");
  const random = new Random(5);
  for (let round = 0; round < 40; round++) {
    let text = "";
    for (let length = 0; length < 2_000; length++) text += random.pick(["a", "b", "b", "c"]);
    t.equal(used.test(text), /a[ab]{14}c/i.test(text));
  }
  t.end();
});

void t.test("code units beyond Latin-1 are told apart", (t) => {
  t.ok(new Pattern("^[Ā-ſ]$").test("ă"));
  t.notOk(new Pattern("^[Ā-ſ]$").test("a"));
  t.ok(new Pattern("^ж$").test("Ж"));
  t.end();
});
