import t from "tap";
import { answer, compare, short, sorted, swapped } from "./answers.ts";
import { Random } from "./random-json.ts";

const text = (lines: readonly string[]) => answer(lines.join("\n"), { type: "text/plain" });

const rows: [law: string, original: string[], local: string[], rules: string[], expected: string[]][] = [
  ["a line that changed", ["a", "b", "c"], ["a", "x", "c"], [], ["body:line 2: b → x"]],
  ["an inserted line is one difference", ["a", "b"], ["a", "new", "b"], [], ["body:line 2: nothing → new"]],
  ["a removed line is one difference", ["a", "b", "c"], ["a", "c"], [], ["body:line 2: b → nothing"]],
  ["a last line end counts", ["a", ""], ["a"], [], ["body:line 2:  → nothing"]],
  ["a CR counts, and is seen", ["a\r"], ["a"], [], ["body:line 1: a␍ → a"]],
  ["a pattern hides lines", ["a", "at 12:01"], ["b", "at 12:02"], ["line:/^at \\d/"], ["body:line 1: a → b"]],
  ["both lines must fit a pattern", ["at 1"], ["gone"], ["line:/^at/"], ["body:line 1: at 1 → gone"]],
  ["a hidden line may come and go", ["a", "at 1", "b"], ["a", "b"], ["line:/^at/"], []],
  ["patterns see UTF-8", ["grün 1"], ["grün 2"], ["line:/grün/"], []],
  [
    "hidden lines are one to the alignment",
    ["at 1", "a"],
    ["x", "at 2", "a"],
    ["line:/^at/"],
    ["body:line 1: nothing → x"],
  ],
  [
    "lines that changed places",
    ["a", "b"],
    ["b", "a"],
    [],
    ["body:line 1: a → nothing", "body:line 2: nothing → a"],
  ],
  ["a rule names a line", ["a", "b"], ["x", "y"], ["body:line 2"], ["body:line 1: a → x"]],
  [
    "a rule takes back",
    ["at 1", "at 2"],
    ["at 3", "at 2"],
    ["line:/at/", "+line:/at [13]/"],
    ["body:line 1: at 1 → at 3"],
  ],
];

for (const [law, original, local, rules, expected] of rows) {
  void t.test(`text: ${law}`, async (t) => {
    const comparison = compare(text(original), text(local), ...rules);
    t.same(short(comparison), expected);
    const back = compare(text(local), text(original), ...rules);
    if (!rules.some((rule) => rule.includes("line ")))
      t.same(sorted(back.differences.map(swapped)), sorted(comparison.differences));
  });
}

void t.test("known edits of random texts are reported exactly, and symmetrically", async (t) => {
  const random = new Random(23);
  for (let round = 0; round < 300; round++) {
    const original = Array.from({ length: 3 + random.number(30) }, (_, index) => `line ${index} of ${round}`);
    const local = [...original];
    const at = random.number(original.length);
    const kind = random.number(3);
    if (kind === 0) local[at] = "changed";
    else local.splice(at, kind === 1 ? 1 : 0, ...(kind === 1 ? [] : ["inserted"]));
    const expected = [
      `body:line ${at + 1}: ${kind === 2 ? "nothing" : original[at]} → ${["changed", "nothing", "inserted"][kind]}`,
    ];
    const comparison = compare(text(original), text(local));
    if (short(comparison).join() !== expected.join()) t.same(short(comparison), expected);
    const back = compare(text(local), text(original)).differences.map(swapped);
    if (sorted(back).join() !== sorted(comparison.differences).join()) t.fail(String(round));
  }
});

void t.test("a long line is shown where it differs", async (t) => {
  const long = "x".repeat(10_000);
  const [difference] = compare(text([`${long}one${long}`]), text([`${long}two${long}`])).differences;
  t.match(difference?.original, /^…x+onex+…$/);
  t.match(difference?.local, /^…x+twox+…$/);
});
