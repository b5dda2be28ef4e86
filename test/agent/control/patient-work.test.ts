import { setImmediate as turn } from "node:timers/promises";
import t from "tap";
import { PatientWork } from "../../../src/agent/control/patient-work.ts";

const spin = (ms: number): true => {
  const until = performance.now() + ms;
  while (performance.now() < until);
  return true;
};
const never = new AbortController().signal;

void t.test("the event loop is let go between slices, however many ask", async (t) => {
  const work = new PatientWork();
  let turns = 0;
  const over = new AbortController();
  const others = (async () => {
    for (; !over.signal.aborted; turns++) await turn();
  })();
  const items = Array.from({ length: 20 });
  await Promise.all([1, 2, 3].map(() => work.each(items, () => spin(1), { signal: never })));
  over.abort();
  await others;
  t.ok(turns > 12, `${turns} turns of others`);
});

void t.test("whoever has asked and gone keeps nobody waiting", async (t) => {
  const work = new PatientWork();
  const gone = Array.from({ length: 2_000 }, async () => {
    const asking = new AbortController();
    const done = work.each([1], () => true, { signal: asking.signal });
    asking.abort();
    return await done;
  });
  const fromMs = performance.now();
  t.equal(await work.each([1], () => true, { signal: never }), true);
  // Each would have had its pause: twelve seconds.
  t.ok(performance.now() - fromMs < 3_000);
  t.ok((await Promise.all(gone)).every((isDone) => !isDone));
});

void t.test(
  "it ends with its items, when it is told so, when its time is over, and when nobody waits",
  async (t) => {
    const work = new PatientWork();
    const done: number[] = [];
    const act = (item: number) => done.push(item) < 3;
    t.equal(await work.each([1, 2], act, { signal: never }), true);
    t.equal(await work.each([3, 4, 5], act, { signal: never }), true);
    t.same(done, [1, 2, 3]);
    t.equal(
      await work.each(Array.from({ length: 99 }), () => spin(4), { signal: never, maxBusyMs: 8 }),
      false,
    );
    t.equal(await work.each([1], () => true, { signal: AbortSignal.abort() }), false);
  },
);
