import t from "tap";
import { PoolSlots } from "../../../../../src/client/sandbox/calls/path/pool-slots.ts";

void t.test("lets so many run at once, and the rest in turn, whatever becomes of them", async (t) => {
  const slots = new PoolSlots(2);
  const started: number[] = [];
  const gates = Array.from({ length: 4 }, () => Promise.withResolvers<void>());
  const runs = gates.map((gate, index) =>
    slots.run(() => {
      started.push(index);
      return gate.promise;
    }),
  );
  await Promise.resolve();
  t.same(started, [0, 1]);
  gates[1]?.reject(new Error("failed"));
  await t.rejects(runs[1] ?? Promise.resolve());
  t.same(started, [0, 1, 2]);
  for (const gate of gates) gate.resolve();
  await Promise.allSettled(runs);
  t.same(started, [0, 1, 2, 3]);
  t.equal(await slots.run(() => Promise.resolve(5)), 5);
});

void t.test("leaves one thread of the pool to others", async (t) => {
  const most = async (threads: number) => {
    const slots = PoolSlots.ofPool(threads);
    const gate = Promise.withResolvers<void>();
    let running = 0;
    const runs = Array.from({ length: 40 }, () => slots.run(() => (running++, gate.promise)));
    await Promise.resolve();
    const result = running;
    gate.resolve();
    await Promise.all(runs);
    return result;
  };
  t.equal(await most(4), 3);
  t.equal(await most(16), 15);
  t.equal(await most(1), 1);
});
