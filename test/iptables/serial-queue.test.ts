import t from "tap";
import { SerialQueue } from "../../iptables/src/serial-queue.ts";

await t.test("runs one task at a time, in order, also after one failed", async (t) => {
  const queue = new SerialQueue();
  const seen: string[] = [];
  const first = Promise.withResolvers<void>();
  const one = queue.run(async () => {
    seen.push("one begins");
    await first.promise;
    seen.push("one ends");
    throw new Error("one");
  });
  const two = queue.run(async () => void seen.push("two"));
  first.resolve();
  await t.rejects(one, /one/);
  await two;
  t.strictSame(seen, ["one begins", "one ends", "two"]);
});

await t.test("refuses the 257th waiting task, and takes tasks again when it is empty", async (t) => {
  const queue = new SerialQueue();
  const held = Promise.withResolvers<void>();
  const tasks = Array.from({ length: 256 }, () => queue.run(() => held.promise));
  await t.rejects(
    queue.run(async () => undefined),
    { code: "busy" },
  );
  held.resolve();
  await Promise.all(tasks);
  t.equal(await queue.run(async () => 7), 7);
});
