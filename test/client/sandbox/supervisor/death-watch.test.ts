import { readFileSync } from "node:fs";
import t from "tap";
import { beginSupervised } from "../../../fixtures/begin-supervised.ts";
import { isAlive } from "../../../fixtures/proc.ts";
import { until } from "../../../fixtures/until.ts";

/** Another Node has to start, on a machine that may have other things to do. */
const timeoutMs = 60_000;

/** The shell that watches over a process. */
function watchOf(pid: number): number | undefined {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1").match(/\d+/g) ?? [];
  return children
    .map(Number)
    .find((child) => readFileSync(`/proc/${child}/cmdline`, "latin1").includes("magpie-watch"));
}

function bytesRead(pid: number): number {
  return Number(/^rchar: (\d+)/m.exec(readFileSync(`/proc/${pid}/io`, "latin1"))?.[1]);
}

void t.test("when we are killed, all that the program has started is killed", async (t) => {
  for (const kind of ["held", "plain"] as const) {
    const script = `
      setsid sleep 100 &
      a=$!
      sh -c 'sleep 100 & echo orphan $!'
      ${kind === "held" ? 'sh -c "env -i sleep 100 & echo hidden $!"' : "echo hidden $$"}
      echo pids $$ $a
      while :; do cat /etc/hostname >/dev/null; done`;
    await using proc = await beginSupervised(kind, ["sh", "-c", script]);
    await until(() => watchOf(proc.pid) !== undefined, { what: "the watch" });
    const watch = watchOf(proc.pid) as number;
    const begun = bytesRead(watch);
    const [, program, child] = await proc.line(/^pids (\d+) (\d+)/);
    const [, orphan] = await proc.line(/^orphan (\d+)/);
    const [, hidden] = await proc.line(/^hidden (\d+)/);
    const pids = [program, child, orphan, hidden].map(Number);
    // Who has cleared his environment and lost his parents is told to the watch within a second or so.
    if (kind === "held") await until(() => bytesRead(watch) > begun, { what: "the watch to be told" });
    await proc.kill();
    await until(() => !pids.some(isAlive), { what: `${kind}: ${pids.join(" ")} to be gone`, timeoutMs });
    await until(() => !isAlive(watch), { what: "the watch to be gone", timeoutMs });
    t.pass(kind);
  }
});

void t.test("when we end by ourselves before the program, it is killed too", async (t) => {
  await using proc = await beginSupervised("held", ["sh", "-c", "echo pid $$; exec sleep 100"], {
    env: { EXIT_EARLY: "1" },
  });
  const [, pid] = await proc.line(/^pid (\d+)/);
  t.match(await proc.exited, { code: 3 });
  await until(() => !isAlive(Number(pid)), { what: "the program to be gone", timeoutMs });
});
