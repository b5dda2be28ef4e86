import t, { type Test } from "tap";
import { openFileLimitAtStart } from "../../src/kernel/index.ts";

const limits = (soft: string, hard: string): string =>
  `Limit                     Soft Limit           Hard Limit           Units     \nMax open files            ${soft.padEnd(20)} ${hard.padEnd(20)} files     \n`;
/** A symbolic link in a directory that `t.testdir` makes. */
const symlink = (t: Test, target: string) => t.fixture("symlink", target);

void t.test("the limit before Node raised it is that of who is no Node and started it", async (t) => {
  const parent = String(process.ppid);
  const node = { exe: symlink(t, "/usr/bin/node"), limits: limits("4096", "4096") };
  const procDirectory = t.testdir({
    self: { limits: limits("4096", "4096") },
    [parent]: { ...node, status: "Name:\tnode\nPPid:\t77\n" },
    "77": { exe: symlink(t, "/usr/bin/node"), limits: limits("4096", "4096"), status: "PPid:\t78\n" },
    "78": { exe: symlink(t, "/bin/bash"), limits: limits("1024", "4096") },
  });
  t.same(openFileLimitAtStart(procDirectory), { soft: 1024n, hard: 4096n });
});

void t.test("nothing is guessed where the hard limit is another, or nobody can be asked", async (t) => {
  const parent = String(process.ppid);
  const other = t.testdir({
    self: { limits: limits("4096", "4096") },
    [parent]: { exe: symlink(t, "/bin/bash"), limits: limits("1024", "1048576") },
  });
  t.equal(openFileLimitAtStart(other), undefined);
  t.equal(openFileLimitAtStart(t.testdir({ self: { limits: limits("4096", "4096") } })), undefined);
  t.equal(openFileLimitAtStart(t.testdir({})), undefined);
});

void t.test("no limit is the largest number there is", async (t) => {
  const procDirectory = t.testdir({
    self: { limits: limits("unlimited", "unlimited") },
    [String(process.ppid)]: { exe: symlink(t, "/bin/bash"), limits: limits("1024", "unlimited") },
  });
  t.same(openFileLimitAtStart(procDirectory), { soft: 1024n, hard: 2n ** 64n - 1n });
});
