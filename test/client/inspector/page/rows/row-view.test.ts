import t from "tap";
import { RowStore } from "../../../../../src/client/inspector/page/rows/row-store.ts";
import { RowView } from "../../../../../src/client/inspector/page/rows/row-view.ts";
import type { Row } from "../../../../../src/client/inspector/page-contract.ts";
import { seededRandom } from "../../../../fixtures/byte-splits.ts";
import { pageRow } from "../../../../fixtures/inspector/page-row.ts";

const noPause = () => Promise.resolve();

void t.test("a view that follows row by row shows what a search of all would", async (t) => {
  const random = seededRandom(11);
  const upTo = (most: number): number => Math.floor(random() * most);
  for (let round = 0; round < 30; round++) {
    const store = new RowStore();
    const view = new RowView(store);
    const isDown = round % 2 === 1;
    view.setOrder({ by: "time", isDown });
    const test = (row: Row): boolean => (row.status ?? 0) % 3 === round % 3;
    await view.search(test, noPause);
    let last = 0;
    let forgotten = 0;
    for (let step = 0; step < 200; step++) {
      const what = random();
      if (what < 0.6) {
        last += 1 + upTo(3);
        view.take(store.put([pageRow(last, { status: upTo(600) })]));
      } else if (what < 0.95 && last > 0) {
        const row = store.get(1 + upTo(last));
        if (row !== undefined) view.take(store.put([{ ...row, status: upTo(600) }]));
      } else {
        forgotten = Math.max(forgotten, upTo(last));
        store.forget(forgotten);
        view.forget(forgotten);
      }
    }
    const expected: number[] = [];
    for (let place = 0; place < store.size; place++) {
      const row = store.at(place);
      if (row !== undefined && test(row)) expected.push(row.id);
    }
    t.same(view.ids(), isDown ? expected.toReversed() : expected);
    t.ok(expected.every((id) => view.idAt(view.placeOf(id)) === id));
    t.equal(view.placeOf(last + 1), -1);
  }
});

void t.test("rows that come, change and go during a search are in what it finds", async (t) => {
  const store = new RowStore();
  const view = new RowView(store);
  view.take(store.put(Array.from({ length: 10_000 }, (_, index) => pageRow(index + 1, { status: 200 }))));
  let pauses = 0;
  const isDone = await view.search(
    (row) => row.status === 500,
    async () => {
      if (++pauses > 1) return;
      view.take(
        store.put([
          pageRow(5, { status: 500 }),
          pageRow(1_700, { status: 500 }),
          pageRow(10_001, { status: 500 }),
        ]),
      );
      store.forget(1_600);
      view.forget(1_600);
    },
  );
  t.ok(isDone);
  t.same(view.ids(), [1_700, 10_001]);
});

void t.test("a newer search ends an older one", async (t) => {
  const store = new RowStore();
  const view = new RowView(store);
  view.take(store.put(Array.from({ length: 9_000 }, (_, index) => pageRow(index + 1))));
  const nextTurn = () => new Promise<void>((resolve) => void setImmediate(resolve));
  const older = view.search(() => false, nextTurn);
  const newer = view.search(({ id }) => id < 3, nextTurn);
  t.same(await Promise.all([older, newer]), [false, true]);
  t.same(view.ids(), [1, 2]);
});

void t.test(
  "by other columns rows are in their order, equal ones as they came, new ones when sorted again",
  (t) => {
    const store = new RowStore();
    const view = new RowView(store);
    const told = [12, 3, 12, null, 7].map((durationMs, index) => pageRow(index + 1, { durationMs }));
    view.take(store.put(told));
    view.setOrder({ by: "duration", isDown: true });
    t.same(view.ids(), [1, 3, 5, 2, 4]);
    view.take(store.put([pageRow(6, { durationMs: 9 })]));
    t.same(view.ids(), [1, 3, 5, 2, 4, 6]);
    t.ok(view.isStale);
    view.sortAgain();
    t.same(view.ids(), [1, 3, 6, 5, 2, 4]);
    t.notOk(view.isStale);
    t.end();
  },
);
