import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { processStat } from "../../../src/agent/context/process-stat.ts";

void t.test("a process is called by its file, or by what the kernel calls it; fit to be shown", async (t) => {
  const proc = mkdtempSync(join(tmpdir(), "magpie-proc-"));
  t.teardown(() => rmSync(proc, { recursive: true }));
  const cases: [stat: string, exe: string | undefined, expected: object][] = [
    ["7 (a) b (c) S 3 7 7", undefined, { name: "a) b (c", parent: 3, isOver: false }],
    ["7 (node-MainThread) R 3 7", "/usr/bin/node (deleted)", { name: "node", parent: 3, isOver: false }],
    ["7 (app) Z 1 7", undefined, { name: "app", parent: 1, isOver: true }],
    ["7 (x) S 1 7", "/tmp/a\u001B[2Jb\n", { name: "a\uFFFD[2Jb\uFFFD" }],
    ["7 (x) S 1 7", `/tmp/${"y".repeat(200)}`, { name: "y".repeat(64) }],
  ];
  for (const [index, [stat, exe, expected]] of cases.entries()) {
    mkdirSync(join(proc, String(index)));
    writeFileSync(join(proc, String(index), "stat"), stat);
    if (exe !== undefined) symlinkSync(exe, join(proc, String(index), "exe"));
    t.match(await processStat(index, proc), expected);
  }
  t.equal(await processStat(99, proc), undefined);
});
