import { closeSync, readSync } from "node:fs";
import t from "tap";
import { closeDescriptor, descriptorOf, mountFuse, watchReadable } from "../../../src/kernel/index.ts";

void t.test("a mount has a device, on which its first request is INIT, and a root", async (t) => {
  const { device, root } = mountFuse({ devicePath: "/dev/fuse", user: 0, group: 0, allowsOthers: true });
  t.teardown(() => [device, root].forEach(closeDescriptor));
  await new Promise<void>((resolve) => {
    const watch = watchReadable(device, () => {
      watch.close();
      resolve();
    });
  });
  const request = Buffer.alloc(64 * 1024);
  t.ok(readSync(device, request) > 40);
  t.equal(request.readUInt32LE(4), 26);
});

void t.test("what is no FUSE device is refused with the kernel's word", async (t) => {
  const options = { user: 0, group: 0, allowsOthers: false };
  t.throws(() => mountFuse({ ...options, devicePath: "/dev/null" }), { code: "EINVAL" });
  t.throws(() => mountFuse({ ...options, devicePath: "/dev/none" }), { code: "ENOENT" });
});

void t.test("pidfd_getfd(2): a descriptor of another process becomes ours", async (t) => {
  const copy = descriptorOf(process.pid, 1);
  t.not(copy, 1);
  closeSync(copy);
  t.throws(() => descriptorOf(process.pid, 1_000_000), { code: "EBADF" });
  t.throws(() => descriptorOf(4_194_303, 1), { code: "ESRCH" });
});
