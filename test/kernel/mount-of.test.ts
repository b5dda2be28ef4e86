import { closeSync, openSync } from "node:fs";
import t from "tap";
import { mountOf } from "../../src/kernel/mount-of.ts";

void t.test("what is in one mount has one number, and what is in another has another", async (t) => {
  const [proc, one, other] = ["/proc", "/usr", "/usr/bin"].map((path) => openSync(path, "r"));
  const mount = (descriptor: number | undefined) => mountOf(`/proc/self/fd/${descriptor}`);
  t.equal(mount(one), mount(other));
  t.not(mount(one), mount(proc));
  for (const descriptor of [proc, one, other]) if (descriptor !== undefined) closeSync(descriptor);
  t.equal(mount(one), null);
  t.type(mountOf("/proc/self/cwd"), "bigint");
});
