import t from "tap";
import { RowStore } from "../../../src/client/watch/row-store.ts";
import { ShownRows } from "../../../src/client/watch/shown-rows.ts";
import { decision } from "../../fixtures/decision.ts";

const row = (seq: number, change: Parameters<typeof decision>[0] = {}) => ({
  ...decision({ seq, ...change }),
  member: undefined,
});

void t.test("the oldest row goes for the newest, and is counted", async (t) => {
  const rows = new RowStore({ rows: 3 });
  for (let seq = 1; seq <= 5; seq++) rows.put(row(seq));
  t.same([rows.first, rows.next, rows.dropped], [2, 5, 2]);
  t.equal(rows.get(1), undefined);
  t.equal(rows.get(2)?.seq, 3);
  t.equal(rows.get(5), undefined);
});

void t.test("what rows hold is bounded, too", async (t) => {
  const rows = new RowStore({ bytes: 100_000 });
  for (let seq = 1; seq <= 100; seq++) rows.put(row(seq, { head: [["x", "y".repeat(5_000)]] }));
  t.ok(rows.next - rows.first < 12, `${rows.next - rows.first} rows`);
  t.equal(rows.get(99)?.seq, 100);
});

void t.test("a request under way is told again in its place, as long as that is there", async (t) => {
  const rows = new RowStore({ rows: 2 });
  const begun = { durationMs: null, status: null };
  t.same(rows.put(row(1, begun)), { number: 0, isNew: true });
  rows.put(row(2, begun));
  t.same(rows.put(row(1)), { number: 0, isNew: false });
  t.equal(rows.get(0)?.status, 200);
  rows.put(row(3));
  rows.put(row(4));
  t.same(rows.put(row(2)), { number: 4, isNew: true }, "its place is gone");
});

void t.test("a request is told again to who may see more, in its place", async (t) => {
  const rows = new RowStore();
  rows.put(row(1));
  rows.put(row(2));
  t.same(rows.put(row(1, { head: [["host", "h"]] })), { number: 0, isNew: false });
  t.same([rows.get(0)?.head, rows.next], [[["host", "h"]], 2]);
});

void t.test("clauses are kept of the latest only", async (t) => {
  const rows = new RowStore({ explained: 2 });
  const asked = { session: "s", name: "n", filter: null, priority: 0, revision: 1, matches: true };
  for (let seq = 1; seq <= 4; seq++)
    rows.put(row(seq, { explanation: [{ ...asked, because: "b", clauses: null }] }));
  t.same(
    [0, 1, 2, 3].map((number) => [rows.get(number)?.explanation?.length, rows.get(number)?.clausesForgotten]),
    [
      [0, true],
      [0, true],
      [1, undefined],
      [1, undefined],
    ],
  );
});

void t.test("shown rows are found by place and by number as they come and go", async (t) => {
  const shown = new ShownRows();
  for (const number of [2, 4, 6, 8]) shown.set(number, true);
  shown.set(5, true);
  shown.set(4, false);
  shown.set(9, false);
  t.same(
    [0, 1, 2, 3].map((place) => shown.at(place)),
    [2, 5, 6, 8],
  );
  t.equal(shown.placeOf(6), 2);
  t.equal(shown.placeOf(7), 3);
  t.ok(shown.has(5));
  t.notOk(shown.has(4));
  shown.dropBefore(6);
  t.same([shown.length, shown.at(0)], [2, 6]);
  shown.prepend([1, 3]);
  t.same(
    [0, 1, 2, 3].map((place) => shown.at(place)),
    [1, 3, 6, 8],
  );
  const many = new ShownRows();
  for (let number = 0; number < 20_000; number++) many.set(number, true);
  many.dropBefore(19_990);
  t.same([many.length, many.at(0)], [10, 19_990]);
});
