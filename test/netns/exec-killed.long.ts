import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import t from "tap";
import { ExecStage, patienceMs } from "../fixtures/exec-stage.ts";
import { isAlive } from "../fixtures/proc.ts";
import { until } from "../fixtures/until.ts";

const stage = await ExecStage.open("killed");
t.teardown(() => stage[Symbol.asyncDispose]());

/** One that serves, and one that has left its session and its parent. */
const program = `
  require("node:child_process").spawn("setsid", ["-f", "sleep", "600"], { detached: true });
  require("node:http").createServer((q, r) => r.end("the desk")).listen(8080, () => console.log("listening"));`;

/** All that a process has started, and they in turn, as far as they have not lost their parents. */
function startedBy(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "latin1");
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]));
    } catch {
      // It has ended.
    }
  }
  const children = (of: number): number[] =>
    [...parents].filter(([, parent]) => parent === of).flatMap(([child]) => [child, ...children(child)]);
  return children(pid);
}

async function nothingIsLeft(started: readonly number[]): Promise<void> {
  await until(() => started.every((pid) => !isAlive(pid)), {
    what: "all that was started to end",
    timeoutMs: patienceMs,
  });
  await until(async () => (await stage.app.pids()).length === 1, {
    what: "the agent to leave the pod",
    timeoutMs: patienceMs,
  });
  await until(async () => (await stage.ask(8080)) === "the app", { what: "the app's answer" });
}

for (const kind of ["namespace", "seccomp", "off"])
  void t.test(`${kind}: killed at whatever moment, nothing of it is left`, async (t) => {
    for (const afterMs of [50, 150, 250, 350, 500, 700, 1_000, 1_500]) {
      await using proc = await stage.exec(
        "--sandbox",
        kind,
        "--steal",
        "--",
        process.execPath,
        "-e",
        program,
      );
      await delay(afterMs);
      const started = startedBy(proc.pid);
      proc.signal("SIGKILL");
      await proc.exited;
      await nothingIsLeft(started);
    }
    const { stdout } = await stage.app.run("nft", "list", "ruleset");
    t.equal(stdout.trim(), "", "no rule is left in the pod");
  });

for (const kind of ["namespace", "seccomp", "off"])
  void t.test(
    `${kind}: a program that is killed, or stopped before its magpie is killed, leaves nothing`,
    async (t) => {
      for (const how of ["killed", "stopped"]) {
        await using proc = await stage.exec(
          "--sandbox",
          kind,
          "--steal",
          "--",
          process.execPath,
          "-e",
          program,
        );
        await proc.line(/^listening$/, { timeoutMs: patienceMs });
        const started = startedBy(proc.pid);
        const pid = started.find((one) =>
          /createServer/.test(readFileSync(`/proc/${one}/cmdline`, "latin1")),
        );
        process.kill(pid ?? 0, how === "killed" ? "SIGKILL" : "SIGSTOP");
        if (how === "killed") t.same(await proc.exited, { code: null, signal: "SIGKILL" });
        else {
          proc.signal("SIGKILL");
          await proc.exited;
        }
        await nothingIsLeft(started);
      }
    },
  );

void t.test("what killed sessions have noted is gone with the next one", async (t) => {
  await using proc = await stage.exec("--", "true");
  await proc.exited;
  const directory = join(stage.runtimeDirectory.path, `own-${process.geteuid?.()}`);
  t.same(readdirSync(directory), []);
});
