import t from "tap";
import { lineDifferences } from "../../../../../src/client/inspector/page/detail/line-differences.ts";
import { seededRandom } from "../../../../fixtures/byte-splits.ts";

void t.test("both texts can be read from the differences, and no more lines differ than must", (t) => {
  const random = seededRandom(5);
  const lines = () =>
    Array.from({ length: Math.floor(random() * 12) }, () => "abc"[Math.floor(random() * 3)] ?? "a");
  for (let round = 0; round < 500; round++) {
    const [left, right] = [lines(), lines()];
    const found = lineDifferences(left, right) ?? [];
    t.same(
      found.flatMap((line) => line.left ?? []),
      left,
    );
    t.same(
      found.flatMap((line) => line.right ?? []),
      right,
    );
    const equal = found.filter((line) => line.left === line.right).length;
    // Lines that stand side by side by chance count, too.
    t.ok(equal >= commonLength(left, right), `${left.join("")} ${right.join("")}`);
  }
  t.end();
});

void t.test("what was replaced stands side by side", (t) => {
  t.same(lineDifferences(["a", "b", "c"], ["a", "x", "y", "c"]), [
    { left: "a", right: "a" },
    { left: "b", right: "x" },
    { left: undefined, right: "y" },
    { left: "c", right: "c" },
  ]);
  t.end();
});

void t.test(
  "long texts that have nothing in common are told in bounded time, and longer ones are not compared",
  (t) => {
    const left = Array.from({ length: 3_000 }, (_, index) => `left ${index}`);
    const right = Array.from({ length: 3_000 }, (_, index) => `right ${index}`);
    t.equal(lineDifferences(left, right)?.length, 3_000);
    t.equal(
      lineDifferences(
        Array.from({ length: 5_000 }, () => ""),
        [],
      ),
      undefined,
    );
    t.end();
  },
);

/** Of the longest common subsequence. */
function commonLength(left: readonly string[], right: readonly string[]): number {
  const table = Array.from({ length: left.length + 1 }, () =>
    Array.from({ length: right.length + 1 }, () => 0),
  );
  for (let i = 1; i <= left.length; i++)
    for (let j = 1; j <= right.length; j++) {
      const row = table[i];
      const above = table[i - 1];
      if (row === undefined || above === undefined) continue;
      row[j] =
        left[i - 1] === right[j - 1] ? (above[j - 1] ?? 0) + 1 : Math.max(above[j] ?? 0, row[j - 1] ?? 0);
    }
  return table.at(-1)?.at(-1) ?? 0;
}
