import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { isRunning, processBirth } from "../../../src/client/process/index.ts";
import { readProcessStat } from "../../../src/client/process/process-stat.ts";

void t.test("a process that is there runs, and one that has ended does not", (t) => {
  t.equal(isRunning(process.pid), true);
  t.ok((processBirth(process.pid) ?? 0) > 0);
  const { pid } = spawnSync("true");
  t.equal(isRunning(pid), false);
  t.equal(processBirth(pid), undefined);
  t.end();
});

void t.test(
  "a name may look like the fields behind it, and who is just ending is told from who runs",
  (t) => {
    const directory = t.testdir();
    const stat = (pid: number, state: string, flags: number) => {
      mkdirSync(join(directory, String(pid)));
      const behind = [...Array.from({ length: 12 }, () => "0"), "77", "0"].join(" ");
      writeFileSync(
        join(directory, String(pid), "stat"),
        `${pid} (a) S 1 (b)) ${state} 12 0 0 0 0 ${flags} ${behind}\n`,
      );
      return readProcessStat(pid, directory);
    };
    t.same(stat(1, "S", 0x400000), { comm: "a) S 1 (b)", parentPid: 12, startTime: 77, isEnding: false });
    t.match(stat(2, "Z", 0), { isEnding: true });
    t.match(stat(3, "R", 0x4), { isEnding: true });
    t.equal(readProcessStat(4, directory), undefined);
    t.end();
  },
);
