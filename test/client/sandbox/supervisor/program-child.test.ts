import { fileURLToPath } from "node:url";
import { setTimeout as delay } from "node:timers/promises";
import t from "tap";
import { beginSupervised, supervisedCommand } from "../../../fixtures/begin-supervised.ts";
import { Proc } from "../../../fixtures/proc.ts";
import { until } from "../../../fixtures/until.ts";

void t.test("what is sent to us goes to the program, and we end as it does", async (t) => {
  const script = `
    for signal in TERM HUP USR1 USR2 INT QUIT WINCH CONT; do trap "echo $signal" $signal; done
    trap "exit 9" ALRM
    echo ready $$
    while :; do sleep 0.02; done`;
  await using proc = await beginSupervised("held", ["sh", "-c", script]);
  const [, pid] = await proc.line(/^ready (\d+)/);
  // Without a terminal all of them come to us alone.
  for (const signal of ["TERM", "HUP", "USR1", "USR2", "INT", "QUIT", "WINCH", "CONT"]) {
    proc.signal(`SIG${signal}` as NodeJS.Signals);
    await proc.line(new RegExp(`^${signal}$`));
  }
  process.kill(Number(pid), "SIGALRM");
  t.same(await proc.exited, { code: 9, signal: null });
});

/** Says what came, each time that it came. */
const counting = `
import signal, sys, time
for name in ("TERM", "HUP", "USR1", "USR2", "INT"):
    signal.signal(getattr(signal, "SIG" + name), lambda number, _: print(signal.Signals(number).name, flush=True))
signal.signal(signal.SIGALRM, lambda *_: sys.exit(9))
print("ready", flush=True)
while True: time.sleep(1)`;

void t.test(
  "a signal to our whole process group comes to the program once, though we have it too",
  async (t) => {
    // A session of its own, and so a group.
    await using proc = await Proc.start({
      command: ["setsid", ...supervisedCommand("held", ["python3", "-c", counting])],
    });
    await proc.line(/^ready$/);
    const sent: string[] = [];
    for (const signal of ["SIGTERM", "SIGUSR1", "SIGTERM", "SIGHUP", "SIGINT"] as const) {
      process.kill(-proc.pid, signal);
      sent.push(signal);
      await until(() => proc.stdout.length > sent.length, { what: `${signal}\n${proc.output()}` });
      // What it would get of us it would get by now.
      await delay(100);
      t.same(proc.stdout.slice(1), sent);
      await delay(150);
      // And whether it has seen one or another: what comes to us alone is its own all the same.
      proc.signal(signal);
      sent.push(signal);
      await until(() => proc.stdout.length > sent.length, { what: `${signal}\n${proc.output()}` });
    }
    process.kill(-proc.pid, "SIGALRM");
  },
);

void t.test("we end by the signal that ended the program, also by one that Node ignores", async (t) => {
  for (const signal of ["PIPE", "KILL"]) {
    await using proc = await beginSupervised("plain", ["sh", "-c", `kill -${signal} $$`]);
    t.same(await proc.exited, { code: null, signal: `SIG${signal}` });
  }
});

void t.test("keys of the terminal and job control are the program's", async (t) => {
  const player = fileURLToPath(new URL("../../../fixtures/job-control.py", import.meta.url));
  await using proc = await Proc.start({
    command: ["python3", player, ...supervisedCommand("held", [])],
  });
  t.match(await proc.exited, { code: 0 }, proc.output());
  t.same(
    proc.stdout.map((line) => JSON.parse(line) as unknown),
    [
      { what: "key C", code: 130 },
      { what: "handled key C", code: 5 },
      // 128 + SIGTSTP
      { what: "key Z", code: 148 },
      { what: "reading in the background", stopped: true },
      { what: "fg", code: 6 },
      { what: "SIGINT to us alone", code: 7 },
    ],
  );
});
