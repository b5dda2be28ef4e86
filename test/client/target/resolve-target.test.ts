import { mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { ownNetnsInode, resolveTarget } from "../../../src/client/target/index.ts";

const namesDirectory = mkdtempSync(join(tmpdir(), "magpie-netns-"));
symlinkSync("/proc/self/ns/net", join(namesDirectory, "shop"));
writeFileSync(join(namesDirectory, "file"), "");

void t.test("name, path and pid of one namespace give the same inode", (t) => {
  const inode = ownNetnsInode();
  for (const target of [
    { kind: "netns", name: "shop" },
    { kind: "netns-path", path: "/proc/self/ns/net" },
    { kind: "pid", pid: process.pid },
  ] as const) {
    t.equal(resolveTarget(target, { namesDirectory }).netnsInode, inode, target.kind);
    const root = target.kind === "pid" ? `/proc/${target.pid}/root` : "/";
    t.equal(resolveTarget(target, { namesDirectory }).podRoot, root, "where its files are");
  }
  t.end();
});

void t.test("an unknown name is told with the names there are, and the one that was meant", (t) => {
  t.throws(() => resolveTarget({ kind: "netns", name: "shpo" }, { namesDirectory }), {
    code: "target-unknown",
    hint: "Did you mean netns:shop? There are: file, shop.",
  });
  t.throws(() => resolveTarget({ kind: "netns", name: "x" }, { namesDirectory: "/nonexistent" }), {
    code: "target-unknown",
    hint: /ip netns add/,
  });
  t.end();
});

void t.test("what is no namespace, no process or no file is said so", (t) => {
  t.throws(() => resolveTarget({ kind: "netns", name: "file" }, { namesDirectory }), {
    code: "target-unknown",
    message: /is not a network namespace/,
  });
  t.throws(() => resolveTarget({ kind: "pid", pid: 2 ** 31 - 1 }), { message: /no such process/ });
  t.throws(() => resolveTarget({ kind: "netns-path", path: "/nonexistent" }), { message: /no such file/ });
  t.end();
});
