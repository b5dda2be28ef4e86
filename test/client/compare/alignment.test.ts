import t from "tap";
import { align, type AlignmentStep } from "../../../src/client/compare/alignment.ts";
import { Random } from "./random-json.ts";

/** Length of a longest common subsequence, by the table of every textbook. */
function commonLength(one: readonly number[], other: readonly number[]): number {
  let above = new Array<number>(other.length + 1).fill(0);
  for (const id of one) {
    const row = [0];
    other.forEach((otherId, at) =>
      row.push(id === otherId ? (above[at] ?? 0) + 1 : Math.max(above[at + 1] ?? 0, row[at] ?? 0)),
    );
    above = row;
  }
  return above.at(-1) ?? 0;
}

function equalPairs(
  steps: readonly AlignmentStep[],
  one: readonly number[],
  other: readonly number[],
): number {
  return steps.filter(
    (step) => "original" in step && "local" in step && one[step.original] === other[step.local],
  ).length;
}

void t.test("every index comes once and in order, and no more pairs could be equal", async (t) => {
  const random = new Random(3);
  for (let round = 0; round < 2_000; round++) {
    const make = () => Array.from({ length: random.number(12) }, () => random.number(5));
    const [one, other] = [make(), make()];
    const steps = align({ ids: one }, { ids: other });
    const originals = steps.flatMap((step) => ("original" in step ? [step.original] : []));
    const locals = steps.flatMap((step) => ("local" in step ? [step.local] : []));
    if (originals.join() !== [...one.keys()].join()) t.same(originals, [...one.keys()]);
    if (locals.join() !== [...other.keys()].join()) t.same(locals, [...other.keys()]);
    const [found, best] = [equalPairs(steps, one, other), commonLength(one, other)];
    if (found < best) t.equal(found, best, JSON.stringify([one, other]));
    const back = align({ ids: other }, { ids: one }).map((step) => ({
      ...("local" in step ? { original: step.local } : {}),
      ...("original" in step ? { local: step.original } : {}),
    }));
    if (JSON.stringify(back) !== JSON.stringify(steps.map((step) => ({ ...step })))) t.same(back, steps);
  }
});

void t.test("within a gap, what is alike pairs before what merely comes first", async (t) => {
  const steps = align({ ids: [1, 2], likeness: [10, 20] }, { ids: [3, 4, 5], likeness: [30, 10, 20] });
  t.same(steps, [{ local: 0 }, { original: 0, local: 1 }, { original: 1, local: 2 }]);
});

void t.test("sequences that have nothing in common pair by index, in bounded time", async (t) => {
  const one = Array.from({ length: 100_000 }, (_, index) => index);
  const other = one.map((id) => id + 1_000_000);
  const started = performance.now();
  const steps = align({ ids: one }, { ids: other });
  t.equal(steps.length, one.length);
  t.same(steps.at(-1), { original: 99_999, local: 99_999 });
  t.ok(performance.now() - started < 3_000);
});
