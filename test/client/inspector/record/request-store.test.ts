import t from "tap";
import { RequestStore } from "../../../../src/client/inspector/record/request-store.ts";

const limits = { maxRows: 100, maxHeads: 10_000, memoryBytes: 1 << 20, fileBytes: 0 };

function add(store: RequestStore, head = ""): number {
  const request = store.begin({ source: "live", requestId: `r${store.lastId + 1}` });
  request.head = { form: "http1", text: head };
  store.touch(request);
  return request.id;
}

void t.test(
  "beyond its rows the oldest are forgotten, told with the reason; ids are never used again",
  async (t) => {
    await using store = new RequestStore(limits);
    const told: number[] = [];
    store.listen({ changed: () => undefined, forgotten: (upTo) => told.push(upTo) });
    for (let index = 0; index < 250; index++) add(store);
    t.equal(store.size, 100);
    t.equal(store.forgottenUpTo, 150);
    t.equal(told.at(-1), 150);
    t.match(store.forgottenBecause, /only 100 rows/);
    t.equal(store.get(150), undefined);
    t.equal(store.byRequestId("r150"), undefined);
    t.equal(store.byRequestId("r151")?.id, 151);
    store.clear();
    t.match([store.size, store.forgottenUpTo, store.forgottenBecause], [0, 250, null]);
    t.equal(add(store), 251);
  },
);

void t.test("heads that take too much go with their rows", async (t) => {
  await using store = new RequestStore(limits);
  for (let index = 0; index < 20; index++) add(store, "x".repeat(1_000));
  t.equal(store.size, 10);
  t.match(store.forgottenBecause, /memory/);
});

void t.test(
  "every change has a number of its own, and one that changes often is told now and then",
  async (t) => {
    await using store = new RequestStore(limits);
    let told = 0;
    const listening = store.listen({ changed: () => told++, forgotten: () => undefined });
    t.teardown(() => listening[Symbol.dispose]());
    const request = store.get(add(store));
    if (request === undefined) throw new Error("it is there");
    const before = store.change;
    for (let index = 0; index < 1_000; index++) store.touchSoon(request);
    t.ok(told < 10, `${told} times`);
    store.touch(request);
    t.equal(request.change, store.change);
    t.ok(store.change > before);
  },
);
