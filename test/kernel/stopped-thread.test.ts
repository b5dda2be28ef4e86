import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { openSync, readFileSync, readlinkSync } from "node:fs";
import t, { type Test } from "tap";
import { StoppedThread } from "../../src/kernel/stopped-thread.ts";

const [GETPID, FCHDIR] = process.arch === "arm64" ? [172, 50] : [39, 81];
const EBADF = 9;
const EINTR = 4;

/** A `cat` that reads. It is a child's child: of its own children Node takes every stop for the end. */
async function reading(t: Test): Promise<{ pid: number; shell: ChildProcess; next: () => Promise<string> }> {
  const script = 'exec 4<&0; cat <&4 & echo $!; wait $!; echo "ended $?"';
  const shell = spawn("/bin/sh", ["-c", script], {
    stdio: ["pipe", "pipe", "inherit", openSync("/usr", "r")],
  });
  const next = async () => String((await once(shell.stdout ?? shell, "data"))[0]).trim();
  const pid = Number(await next());
  t.teardown(() => shell.kill("SIGKILL"));
  shell.stdin?.write("first");
  t.equal(await next(), "first");
  return { pid, shell, next };
}

void t.test("a thread does calls for us, and goes on as if nothing had been", async (t) => {
  const { pid, shell, next } = await reading(t);
  const thread = StoppedThread.seize(pid);
  await thread.stopped();
  t.equal(await thread.call(GETPID, 0), pid);
  t.equal(await thread.call(FCHDIR, 999), -EBADF);
  t.equal(await thread.call(FCHDIR, 3), 0);
  // It was reading, and begins that anew.
  thread.release(-EINTR);
  t.equal(readlinkSync(`/proc/${pid}/cwd`), "/usr");
  t.match(readFileSync(`/proc/${pid}/status`, "latin1"), /^TracerPid:\t0$/m);
  shell.stdin?.write("second");
  t.equal(await next(), "second");
});

void t.test("a thread that was stopped and let go has its signals", async (t) => {
  const { pid, next } = await reading(t);
  const thread = StoppedThread.seize(pid);
  await thread.stopped();
  process.kill(pid, "SIGTERM");
  thread.letGo();
  t.equal(await next(), "ended 143");
});

void t.test("a thread that is killed meanwhile is told as gone", async (t) => {
  const { pid, next } = await reading(t);
  const thread = StoppedThread.seize(pid);
  await thread.stopped();
  process.kill(pid, "SIGKILL");
  await t.rejects(thread.call(GETPID, 0), { code: "ESRCH" });
  thread.letGo();
  t.equal(await next(), "ended 137", "its parent is told");
});

void t.test("a thread that is killed before it stands is told as gone", async (t) => {
  const { pid, next } = await reading(t);
  process.kill(pid, "SIGSTOP");
  const thread = StoppedThread.seize(pid);
  process.kill(pid, "SIGKILL");
  await t.rejects(thread.stopped(), { code: "ESRCH" });
  thread.letGo();
  t.equal(await next(), "ended 137");
});

void t.test("who is gone, or would be ourselves, is not seized", async (t) => {
  t.throws(() => StoppedThread.seize(2 ** 22 + 1), { code: "ESRCH" });
  t.throws(() => StoppedThread.seize(process.pid), { code: "EPERM" });
});
