import {
  chmodSync,
  closeSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import * as tree from "../../src/kernel/tree-calls.ts";

const folder = mkdtempSync(join(tmpdir(), "magpie-tree-"));
const root = openSync(folder, "r");
t.teardown(() => {
  closeSync(root);
  rmSync(folder, { recursive: true });
});
mkdirSync(join(folder, "a/b"), { recursive: true });
writeFileSync(join(folder, "a/file"), "content");
symlinkSync("/a/file", join(folder, "a/whole"));
symlinkSync("/etc/passwd", join(folder, "a/away"));

/** Finds something and lets it go again. */
async function found<Result>(
  path: string,
  use: (descriptor: number) => Promise<Result>,
  options = { follow: true },
): Promise<Result> {
  const descriptor = await tree.findBeneath(root, path, options);
  try {
    return await use(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

void t.test("links lead to what is beneath the root, and never out of it", async (t) => {
  const descriptor = await tree.openBeneath(root, "/a/../../a/whole", { flags: 0 });
  t.equal(readFileSync(descriptor, "utf8"), "content");
  closeSync(descriptor);
  await t.rejects(tree.openBeneath(root, "/a/away", { flags: 0 }), { code: "ENOENT" });
  await t.rejects(tree.openBeneath(root, "/a/file/x", { flags: 0 }), { code: "ENOTDIR" });
});

void t.test("tells of a thing what the kernel tells a program", async (t) => {
  const file = statSync(join(folder, "a/file"), { bigint: true });
  await found("/a/file", async (descriptor) => {
    const status = await tree.statusOf(descriptor);
    t.equal(status.length, tree.statusBytes);
    t.equal(status.readBigUInt64LE(8), file.ino);
    t.equal(tree.kindOf(status), "file");
    const extended = await tree.extendedStatusOf(descriptor, { flags: 0, mask: 0xfff });
    t.equal(extended.readBigUInt64LE(32), file.ino);
    t.equal((await tree.fileSystemOf(descriptor)).readBigInt64LE(8) > 0n, true);
    await tree.checkAccess(descriptor, { mode: 4, flags: 0 });
    await t.rejects(tree.readLinkOf(descriptor), { code: "EINVAL" });
    const opened = await tree.openAgain(descriptor, 0);
    t.equal(readFileSync(opened, "utf8"), "content");
    await tree.closeInTime(opened);
    t.throws(() => fstatSync(opened), { code: "EBADF" });
  });
  await found(
    "/a/whole",
    async (descriptor) => {
      t.equal((await tree.readLinkOf(descriptor)).toString(), "/a/file");
      t.equal(tree.kindOf(await tree.statusOf(descriptor)), "link");
    },
    { follow: false },
  );
  t.equal(await found("/a", async (one) => tree.kindOf(await tree.statusOf(one))), "folder");
});

void t.test("changes a thing, and the names of things", async (t) => {
  await found("/a", async (folder) => {
    await tree.makeFolder(folder, "new/", 0o700);
    await tree.makeLink("new", { folder, name: "link" });
    await found("/a/file", (file) => tree.makeName(file, { folder, name: "second" }));
    await tree.rename({ folder, name: "second" }, { folder, name: "third" }, 0);
    await t.rejects(tree.rename({ folder, name: "third" }, { folder, name: "link" }, 1), { code: "EEXIST" });
  });
  t.equal(readlinkSync(join(folder, "a/link")), "new");
  await found("/a/third", async (file) => {
    await tree.changeMode(file, 0o640);
    await tree.changeLength(file, 3n);
    const times = Buffer.alloc(32);
    times.writeBigInt64LE(1000n, 0);
    times.writeBigInt64LE(2000n, 16);
    await tree.changeTimes(file, times);
    await tree.changeOwner(file, { user: -1, group: -1 });
  });
  t.match(lstatSync(join(folder, "a/file")), { mode: 0o100640, size: 3, mtimeMs: 2_000_000, nlink: 2 });
  await found("/a/link", (link) => tree.changeTimes(link, null), { follow: false });
  chmodSync(join(folder, "a/new"), 0o755);
  await found("/a", async (folder) => {
    await tree.removeName(folder, "third", 0);
    await tree.removeName(folder, "link", 0);
    await tree.removeName(folder, "new", 0x200);
    await t.rejects(tree.removeName(folder, "new", 0x200), { code: "ENOENT" });
  });
});
