import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { processStat } from "../../../src/agent/context/process-stat.ts";
import { readEnviron } from "../../../src/agent/context/read-environ.ts";
import { until } from "../../fixtures/until.ts";

/** A process with these variables and no others: what starts tests adds some of its own to every child. */
async function sleeper(variables: readonly string[]) {
  const child = spawn("/usr/bin/env", ["-i", ...variables, "/bin/sleep", "60"], { stdio: "ignore" });
  await once(child, "spawn");
  const pid = child.pid ?? 0;
  await until(async () => (await processStat(pid))?.name !== "env", { what: "sleep to run" });
  return { child, pid };
}

void t.test("the block is told byte for byte, however large it is", async (t) => {
  const value = `a\nb=${"x".repeat(100_000)}`;
  const variables = ["EMPTY=", ...Array.from({ length: 12 }, (_, index) => `V${index}=${value}`)];
  const { child, pid } = await sleeper(variables);
  t.teardown(() => child.kill("SIGKILL"));
  t.ok((await readEnviron(pid)).equals(Buffer.from(`${variables.join("\0")}\0`)));
});

void t.test("an empty environment is one; a process that is over has none", async (t) => {
  const { child, pid } = await sleeper([]);
  t.equal((await readEnviron(pid)).length, 0);
  child.kill("SIGKILL");
  await once(child, "exit");
  await t.rejects(readEnviron(pid), { code: "process-gone", message: `process ${pid} is gone` });
});

void t.test("a zombie is gone", async (t) => {
  // The shell becomes a program that waits for nobody.
  const parent = spawn("/bin/sh", ["-c", "sleep 0.3 & echo $!; exec sleep 60"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  t.teardown(() => parent.kill("SIGKILL"));
  const [line] = await once(parent.stdout, "data");
  const pid = Number(String(line));
  await until(async () => (await processStat(pid))?.isOver === true, { what: "the child to be over" });
  await t.rejects(readEnviron(pid), { code: "process-gone" });
});

void t.test("more than 2 MB are refused, and no message holds what was read", async (t) => {
  const proc = mkdtempSync(join(tmpdir(), "magpie-proc-"));
  t.teardown(() => rmSync(proc, { recursive: true }));
  mkdirSync(join(proc, "7"));
  const path = join(proc, "7", "environ");
  writeFileSync(path, "PASSWORD=hunter2\0");
  t.equal(String(await readEnviron(7, proc)), "PASSWORD=hunter2\0");
  truncateSync(path, 2 * 1024 * 1024 + 1);
  await t.rejects(readEnviron(7, proc), {
    code: "too-large",
    message: "the environment of process 7 is larger than 2 MB",
  });
});
