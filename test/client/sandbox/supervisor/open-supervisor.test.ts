import { existsSync, readFileSync, realpathSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import t from "tap";
import {
  canSupervise,
  HoldingThreads,
  openSupervisor,
  type SyscallName,
} from "../../../../src/client/sandbox/supervisor/index.ts";
import { openFiles } from "../../../fixtures/proc.ts";
import { heldCalls, runSupervised } from "../../../fixtures/supervised.ts";
import { until } from "../../../fixtures/until.ts";

const exited = (code: number): unknown => ({ how: "exited", code });
const path = Buffer.from(`PATH=${process.env["PATH"]}`);

void t.test("what a handler decides is what the program sees", async (t) => {
  const { end, output, notices, told } = await runSupervised(
    `cat /held/file
     cat /held/EACCES
     cat /held/later/ENOTDIR
     cat /held/told/hello
     readlink /held/link
     cat output | wc -l
     exit 7`,
  );
  const lines = output.split("\n");
  t.equal(lines[0], "held content", "a descriptor of ours");
  t.match(lines[1], /Permission denied/, "an errno");
  t.match(lines[2], /Not a directory/, "an errno that took time");
  t.match(lines[3], /No such file/);
  t.match(lines[4], /^on ./, "a value, and memory that was written");
  t.equal(lines[5], "5", "what is let pass is done by the kernel");
  t.same(told, [["word", "hello"]]);
  t.same(end, exited(7));
  t.same(notices, []);
});

void t.test("a handler that throws makes the call fail with EIO, and is told of once", async (t) => {
  const { output, notices } = await runSupervised(
    `for i in 1 2 3; do cat /held/throw; done
     cat /held/slow-throw /held/unknown-slow /held/unknown-errno`,
  );
  t.equal(output.match(/Input\/output error/g)?.length, 6, output);
  t.equal(notices.length, 4);
  t.match(notices[0], /a handler is broken/);
  t.match(notices.join("\n"), /a slow handler is broken/);
  t.match(notices.join("\n"), /no slow handler nobody/);
  t.match(notices.join("\n"), /unknown-errno is no errno/);
});

void t.test("when nobody serves any more, calls fail rather than wait, and people are told", async (t) => {
  const { output, notices, end } = await runSupervised(`cat /held/end-thread; cat /etc/hostname; exit 6`);
  t.match(output, /Function not implemented/);
  t.notMatch(output, hostname());
  t.same(end, exited(6));
  t.match(notices, [/serves the program no more/]);
});

void t.test("a caller tells its descriptors and its directory, and gives copies of them", async (t) => {
  const { output, told } = await runSupervised(
    `python3 -c '
import os
fd = os.open("/etc", os.O_RDONLY)
os.fchdir(fd)
print(os.getcwd())
try: os.fchdir(77)
except OSError as error: print(error.strerror)
'`,
  );
  t.equal(output, "/etc\nBad file descriptor\n");
  const [, first] = told[0] ?? [];
  t.match(first, { link: "/etc", from: /supervised-/, taken: Number, waiting: true });
  // The copy is ours to close; it is of a directory, and harms nobody until this process ends.
  t.match(told[1]?.[1], { taken: null, from: "/etc" });
});

void t.test("every answer is traced when somebody asks", async (t) => {
  const { answered } = await runSupervised("cat /held/file /held/EACCES /held/later/EXDEV; :", {
    traces: true,
  });
  const about = (name: string): unknown => answered.find((answer) => answer.about === name);
  t.match(about("/held/file"), { name: "openat", outcome: "a descriptor of ours", tid: Number });
  for (const outcome of ["EACCES", "EXDEV", "kernel"]) {
    t.ok(
      answered.some((answer) => answer.outcome === outcome),
      outcome,
    );
  }
});

void t.test("a handled signal interrupts a slow call that can be given up", async (t) => {
  const { output } = await runSupervised(
    `python3 -c '
import signal
class Alarm(Exception): pass
def ring(*_): raise Alarm
signal.signal(signal.SIGALRM, ring)
signal.setitimer(signal.ITIMER_REAL, 0.05)
try: open("/held/never")
except Alarm: print("rung")
'
     # A signal that ends takes the caller away at once; the handler learns of it, too.
     timeout -s KILL 0.1 cat /held/never
     echo over`,
  );
  t.match(output, /^rung\n(.*\n)*over\n$/);
});

void t.test("many processes, threads and signals lose no call", async (t) => {
  const { output, end } = await runSupervised(
    `seq 200 | xargs -P 8 -n 20 sh -c 'for i; do cat /held/file; done' sh | sort | uniq -c
     python3 -c '
import signal, threading
signal.signal(signal.SIGALRM, lambda *_: None)
signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
bad = []
def work():
    for i in range(40):
        try: open("/held/file" if i % 2 else "/etc/passwd").close()
        except Exception as error: bad.append(error)
threads = [threading.Thread(target=work) for _ in range(20)]
for thread in threads: thread.start()
for thread in threads: thread.join()
signal.setitimer(signal.ITIMER_REAL, 0)
print(bad)
'`,
  );
  t.match(output, /^ *200 held content\n\[\]\n$/);
  t.same(end, exited(0));
});

void t.test(
  "io_uring is not there, and x32 code is ended and named",
  { skip: process.arch !== "x64" },
  async (t) => {
    const { output, notices } = await runSupervised(
      `python3 -c '
import ctypes, os
c = ctypes.CDLL(None, use_errno=True)
c.syscall(425, 1, 0)
print(os.strerror(ctypes.get_errno()), flush=True)
c.syscall(0x40000000 + 39)
print("went on")
'
     echo $?`,
    );
    t.match(output, /^Function not implemented\n(.*\n)?159\n$/);
    t.match(notices, [/python.* x32 code/]);
  },
);

void t.test("arguments, variables and the directory reach the program byte for byte", async (t) => {
  const bytes = Buffer.from([0x58, 0x3d, 0xff, 0xfe, 0x0a, 0x80]);
  const outer = Buffer.from("MAGPIE_RUN=11111111-1111-4111-8111-111111111111");
  for (const modules of [[], [heldCalls("/dev/null")]]) {
    const directory = t.testdir();
    const out = join(directory, "out");
    await using supervisor = await openSupervisor({ modules, onNotice: (message) => t.fail(message) });
    const program = await supervisor.start({
      path: "/bin/sh",
      argv: [
        "another name",
        "-c",
        'printf "%s\\n" "$0" "$1"; env -0; pwd; grep -E "^Sig(Blk|Ign)" /proc/self/status',
        "zero",
        bytes,
      ],
      environment: [path, bytes, outer],
      workingDirectory: Buffer.from(directory),
      launchPrefix: ["sh", "-c", `exec "$@" >${out}`, "launcher"],
    });
    t.same(await program.ended, exited(0));
    const text = readFileSync(out);
    t.ok(text.indexOf(Buffer.concat([Buffer.from("zero\n"), bytes, Buffer.from("\n")])) === 0);
    t.ok(text.includes(Buffer.concat([bytes, Buffer.from("\0")])));
    t.match(text.toString("latin1"), /MAGPIE_RUN=11111111-1111-4111-8111-111111111111,[0-9a-f-]{36}\0/);
    t.match(
      text.toString(),
      `${realpathSync(directory)}\nSigBlk:\t${"0".repeat(16)}\nSigIgn:\t${"0".repeat(16)}\n`,
    );
  }
});

void t.test("how the program ended is told exactly", async (t) => {
  t.same((await runSupervised("kill -9 $$")).end, { how: "killed", signal: "SIGKILL" });
  t.same((await runSupervised("kill -SEGV $$", { holds: false })).end, { how: "killed", signal: "SIGSEGV" });
  const ended = await runSupervised("trap 'exit 9' TERM; : >ready; while :; do sleep 0.01; done", {
    holds: false,
    whileItRuns: async (program, directory) => {
      await until(() => existsSync(join(directory, "ready")), { what: "the trap" });
      program.kill("SIGTERM");
    },
  });
  t.same(ended.end, exited(9));
});

void t.test("a program that cannot be started is refused with the kernel's reason", async (t) => {
  const directory = t.testdir({ plain: "no program" });
  const cases = [
    { file: "/nonexistent/program", code: "ENOENT", modules: [heldCalls("/dev/null")] },
    { file: join(directory, "plain"), code: "EACCES", modules: [] },
  ];
  for (const { file, code, modules } of cases) {
    await using supervisor = await openSupervisor({ modules, onNotice: (message) => t.fail(message) });
    const started = supervisor.start({ path: file, argv: ["x"], environment: [path] });
    const message = new RegExp(`${file}.*${code}`);
    await t.rejects(started, { code: "program-start", message, cause: { code } });
  }
});

void t.test(
  "a module without a handler for what it wants held is refused before anything starts",
  async (t) => {
    const module = { ...heldCalls("/dev/null"), syscalls: ["mount" as SyscallName] };
    const opened = openSupervisor({ modules: [module], onNotice: (message) => t.fail(message) });
    await t.rejects(opened, /wants mount held and has no handler/);
  },
);

void t.test("threads that were made early can be used, or given up", async (t) => {
  t.same(canSupervise(), { can: true });
  const unused = new HoldingThreads();
  await unused.stop();
  await unused.stop();
  await using supervisor = await openSupervisor(
    { modules: [heldCalls("/dev/null")], onNotice: (message) => t.fail(message) },
    new HoldingThreads(),
  );
  const program = await supervisor.start({ path: "true", argv: ["true"], environment: [path] });
  t.same(await program.ended, exited(0));
  t.ok(program.owns({ pid: program.pid, name: "", parentPid: process.pid }));
  t.notOk(program.owns({ pid: process.pid, name: "", parentPid: process.ppid }));
});

void t.test("what the program leaves running is served until it is ended, and told of", async (t) => {
  const { output, notices, end } = await runSupervised(
    // One that takes its leave when it is asked to, one that does not, and one without parents or environment.
    `sh -c 'trap "cat /held/file; exit" TERM; : >ready; while :; do sleep 0.01; done' &
     sh -c 'trap "" TERM; exec sleep 100' &
     env -i setsid sh -c 'sleep 100 &'
     while [ ! -e ready ]; do sleep 0.01; done
     exit 3`,
  );
  t.same(end, exited(3));
  t.match(output, /held content/);
  t.match(notices, [/what it left running is ended too: (?:.+ \(\d+\), ){2}.+ \(\d+\)/]);
  const pids = [...(notices[0] ?? "").matchAll(/\((\d+)\)/g)].map(([, pid]) => Number(pid));
  t.equal(pids.filter((pid) => existsSync(`/proc/${pid}/exe`)).length, 0, "none is left");
});

void t.test("nothing of a supervisor is left open", async (t) => {
  const count = (): number => openFiles(process.pid);
  // What is opened once and for ever was opened by the tests before.
  const before = count();
  await runSupervised("cat /held/file");
  await until(() => count() <= before, { what: "descriptors to be closed" });
  t.pass();
});

void t.test("the reason why calls cannot be held is a ClientError of its own", async (t) => {
  // Below a filter that has a listener there can be no second one.
  const script = `${process.execPath} -e '
    const { openSupervisor } = await import("${new URL("../../../../src/client/sandbox/supervisor/index.ts", import.meta.url).href}");
    const { heldCalls } = await import("${new URL("../../../fixtures/supervised.ts", import.meta.url).href}");
    await openSupervisor({ modules: [heldCalls("/dev/null")], onNotice: console.log }).catch((error) => console.log(error.code, error.message));
  ' --input-type=module`;
  const { output } = await runSupervised(script);
  t.match(output, /^not-permitted .*below another magpie exec/);
});
