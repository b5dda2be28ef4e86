import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawn } from "node:child_process";
import t from "tap";
import { ChildProgram } from "../../../src/client/process/index.ts";
import { readProcess } from "../../../src/client/process/process-tree.ts";
import { until } from "../../fixtures/until.ts";
import { readFileSync } from "node:fs";

const sh = (script: string) => ({ name: "sh", path: "/bin/sh", args: ["-c", script] });

void t.test("the exit code of the program is given, and 128 + n for signal n", async (t) => {
  t.equal(await (await ChildProgram.start(sh("exit 7"))).ended, 7);
  const killed = await ChildProgram.start(sh("kill -TERM $$; sleep 60"));
  t.equal(await killed.ended, 128 + 15);
});

void t.test("a program that cannot be started is an error with the system's reason", async (t) => {
  const broken = { name: "broken", path: "/nonexistent/broken", args: [] };
  await t.rejects(ChildProgram.start(broken), { code: "program-start", message: /ENOENT/ });
});

void t.test(
  "what the program has started is its own even after the process in between has ended",
  async (t) => {
    const pidFile = join(await mkdtemp(join(tmpdir(), "magpie-")), "pid");
    const program = await ChildProgram.start(
      sh(`(sleep 60 & echo $! > ${pidFile}.new; mv ${pidFile}.new ${pidFile}) & wait $!; exec sleep 60`),
    );
    await until(() => existsSync(pidFile), { what: "the pid of the grandchild" });
    const grandchild = Number(readFileSync(pidFile, "utf8"));
    const info = readProcess(grandchild);
    await until(() => readProcess(grandchild)?.parentPid !== info?.parentPid || info?.parentPid === 1, {
      what: "the process in between to end",
    });
    t.ok(program.owns({ pid: grandchild, name: "sleep", parentPid: 1 }));
    t.ok(program.owns({ pid: program.pid, name: "sh", parentPid: process.pid }));
    const other = spawn("sleep", ["60"], { stdio: "ignore" });
    await once(other, "spawn");
    t.notOk(program.owns({ pid: other.pid ?? 0, name: "sleep", parentPid: process.pid }));
    other.kill();
    process.kill(grandchild);
    program.kill("SIGKILL");
    await program.ended;
  },
);
