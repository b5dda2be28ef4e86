import { readFileSync } from "node:fs";
import t from "tap";
import { beginSupervised } from "../../../fixtures/begin-supervised.ts";
import { isAlive } from "../../../fixtures/proc.ts";
import { until } from "../../../fixtures/until.ts";

/** Another Node has to start, on a machine that may have other things to do. */
const timeoutMs = 60_000;

/** The shell that watches over a process, when it waits to be told something. */
async function idleWatchOf(pid: number): Promise<number> {
  let found: number | undefined;
  const isIdle = (child: string): boolean =>
    readFileSync(`/proc/${child}/cmdline`, "latin1").includes("magpie-watch") &&
    /^State:\tS/m.test(readFileSync(`/proc/${child}/status`, "latin1"));
  await until(
    () => {
      const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1").match(/\d+/g) ?? [];
      found = Number(children.find(isIdle));
      return found > 0;
    },
    { what: "the watch" },
  );
  return found as number; // it was waited for
}

function bytesRead(pid: number): number {
  return Number(/^rchar: (\d+)/m.exec(readFileSync(`/proc/${pid}/io`, "latin1"))?.[1]);
}

void t.test("when we are killed, all that the program has started is killed", async (t) => {
  for (const kind of ["held", "plain"] as const) {
    const hide = kind === "held" ? "env -i" : "";
    const script = `
      echo ready
      read -r go
      setsid sleep 100 &
      child=$!
      sh -c '${hide} sleep 100 & echo hidden $!'
      sh -c 'sleep 100 & echo orphan $!'
      echo pids $$ $child
      while :; do cat /etc/hostname >/dev/null; done`;
    await using proc = await beginSupervised(kind, ["sh", "-c", script]);
    await proc.line(/^ready/);
    const watch = await idleWatchOf(proc.pid);
    const begun = bytesRead(watch);
    proc.write("go\n");
    const [, program, child] = await proc.line(/^pids (\d+) (\d+)/);
    const [, orphan] = await proc.line(/^orphan (\d+)/);
    const [, hidden] = await proc.line(/^hidden (\d+)/);
    const pids = [program, child, orphan, hidden].map(Number);
    // Of one who has cleared his environment and lost his parents the watch is told as soon as that is seen.
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
