import { execFileSync, spawn } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import t from "tap";
import { PodFiles } from "../../../../src/agent/files/index.ts";
import { silentLog } from "../../../../src/agent/log.ts";
import { FileMount, type FileMountOptions, RemoteFiles } from "../../../../src/client/files/index.ts";
import { decodeFileQuestion } from "../../../../src/protocol/index.ts";
import { FilesLink, PodTree } from "../../../fixtures/pod-tree.ts";
import { Proc } from "../../../fixtures/proc.ts";
import { until } from "../../../fixtures/until.ts";

const tree = await PodTree.make();
const podFiles = new PodFiles({ log: silentLog() });
const link = new FilesLink({ process: tree.app.pid, podFiles });
const faults: unknown[] = [];
const mount = await open({ files: link.files });
t.teardown(async () => {
  await mount[Symbol.asyncDispose]();
  link[Symbol.dispose]();
  await tree[Symbol.asyncDispose]();
});

async function open(options: Omit<FileMountOptions, "onFault">): Promise<FileMount> {
  return await FileMount.open({ ...options, onFault: (error) => faults.push(error) });
}

interface Said {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
}

/** Runs a program that has the mount's root as descriptor 3. */
async function run(command: readonly [string, ...string[]], on: FileMount = mount): Promise<Said> {
  const [program, ...rest] = command;
  const child = spawn(program, rest, { stdio: ["ignore", "pipe", "pipe", on.rootDescriptor] });
  let [stdout, stderr] = ["", ""];
  child.stdout?.on("data", (chunk: Buffer) => void (stdout += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => void (stderr += chunk.toString()));
  const { promise, resolve } = Promise.withResolvers<number | null>();
  child.on("close", resolve);
  return { code: await promise, stdout, stderr };
}

/** A shell script; `$P` is the mount's root. */
async function shell(script: string, on: FileMount = mount): Promise<Said> {
  return await run(["sh", "-c", `P=/proc/self/fd/3; ${script}`], on);
}

/** A Python script; `P` is the mount's root, and `of` gives the errno's name of what is done. */
const prelude = `
import os, sys, mmap, errno
P = "/proc/self/fd/3"
def of(act):
    try: act(); return "none"
    except OSError as e: return errno.errorcode[e.errno]
`;

async function python(script: string, on: FileMount = mount): Promise<Said> {
  return await run(["python3", "-c", prelude + script], on);
}

/** The mount's root as other processes of this user find it. */
function rootOf(on: FileMount): string {
  return `/proc/${process.pid}/fd/${on.rootDescriptor}`;
}

/** Whether a process waits for something. */
function sleeps(pid: number): boolean {
  return /^State:\s+[SD]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
}

void t.test("random steps have the same outcome as in a folder of this machine", async (t) => {
  for (const seed of [21]) {
    const local = mkdtempSync(join(tmpdir(), "file-model-"));
    t.teardown(() => rmSync(local, { recursive: true }));
    mkdirSync(tree.here(`model-${seed}`));
    const program = fileURLToPath(new URL("../../../fixtures/file-model.ts", import.meta.url));
    const there = `/proc/self/fd/3/model-${seed}`;
    const said = await run([process.execPath, program, local, there, String(seed), "400"]);
    t.equal(said.stdout, "same\n", `${seed}: ${said.stdout}${said.stderr}`);
  }
});

void t.test("programs find the pod's tree: ls, find, cat, cp, tar", async (t) => {
  mkdirSync(tree.here("srv/app/deep"), { recursive: true });
  writeFileSync(tree.here("srv/app/conf"), "key = value\n");
  writeFileSync(tree.here("srv/app/deep/data"), Buffer.alloc(300_000, "0123456789"));
  symlinkSync("conf", tree.here("srv/app/link"));
  linkSync(tree.here("srv/app/conf"), tree.here("srv/app/again"));
  t.match(await shell("cat $P/srv/app/link"), { stdout: "key = value\n", code: 0 });
  const { stdout: found } = await shell("cd $P/srv && find . | sort");
  t.same(found.split("\n"), [
    ".",
    "./app",
    "./app/again",
    "./app/conf",
    "./app/deep",
    "./app/deep/data",
    "./app/link",
    "",
  ]);
  const same = "ls -lR --time-style=full-iso . | grep -v ^total";
  const listed = await shell(`cd $P/srv/app && ${same}`);
  t.equal(listed.stdout, execFileSync("sh", ["-c", same], { cwd: tree.here("srv/app"), encoding: "utf8" }));
  const copied = await shell(
    "cp -a $P/srv/app $P/srv/copy && tar -C $P/srv -cf - app | tar -C $P/srv/copy -xf -",
  );
  t.match(copied, { code: 0, stderr: "" });
  execFileSync("diff", ["-r", tree.here("srv/app"), tree.here("srv/copy/app")]);
  t.match(await shell("stat -c %h $P/srv/copy/app/again; rm -r $P/srv/copy"), { stdout: "2\n", code: 0 });
  t.notOk(existsSync(tree.here("srv/copy")));
});

void t.test("what a program has open is called as the pod calls it", async (t) => {
  mkdirSync(tree.here("opt/app"), { recursive: true });
  writeFileSync(tree.here("opt/app/conf"), "");
  t.match(await shell("exec 5<$P/opt/app/conf 6<$P/opt; readlink /proc/self/fd/5 /proc/self/fd/6"), {
    stdout: "/opt/app/conf\n/opt\n",
  });
  t.notMatch(readFileSync("/proc/self/mountinfo", "utf8"), / - fuse magpie /, "nobody sees the mount");
});

void t.test(
  "mmap shows the file, private and shared, and what is written to it reaches the pod",
  async (t) => {
    writeFileSync(tree.here("mapped"), "0123456789".repeat(1000));
    const said = await python(`
f = os.open(P + "/mapped", os.O_RDWR)
p = mmap.mmap(f, 0, flags=mmap.MAP_PRIVATE)
s = mmap.mmap(f, 0, flags=mmap.MAP_SHARED)
print(p[9990:], s[:10])
s[5000:5003] = b"xyz"
s.flush()
print(os.pread(f, 5, 4999))`);
    t.match(said, { stdout: "b'0123456789' b'0123456789'\nb'9xyz3'\n", stderr: "" });
    t.equal(readFileSync(tree.here("mapped"), "utf8").slice(4999, 5004), "9xyz3");
  },
);

void t.test("only what is read is fetched: the last byte of a gigabyte comes at once", async (t) => {
  writeFileSync(tree.here("sparse"), "");
  truncateSync(tree.here("sparse"), 2 ** 30);
  const began = performance.now();
  const said = await python(`print(os.pread(os.open(P + "/sparse", os.O_RDONLY), 10, 2**30 - 1))`);
  t.equal(said.stdout, "b'\\x00'\n");
  t.ok(performance.now() - began < 2000);
});

void t.test("a long file that is read from its start comes whole and in order", async (t) => {
  const bytes = Buffer.alloc(9_000_000);
  for (let at = 0; at < bytes.length; at += 4) bytes.writeUInt32LE(at, at);
  writeFileSync(tree.here("long"), bytes);
  const local = execFileSync("sh", ["-c", "sha256sum <long"], { cwd: tree.directory, encoding: "utf8" });
  t.equal((await shell("cat $P/long | sha256sum")).stdout, local);
});

void t.test("what the pod has changed is what the next open reads", async (t) => {
  writeFileSync(tree.here("changing"), "first");
  const loop = `while read line; do cat ${rootOf(mount)}/changing; echo; done`;
  await using reader = await Proc.start({ command: ["sh", "-c", loop] });
  for (const text of ["first", "other", "a longer one", "brief"]) {
    writeFileSync(tree.here("changing"), text);
    reader.write("\n");
    await reader.line(new RegExp(`^${text}$`));
  }
  t.pass();
});

void t.test("appending goes behind what the pod has appended meanwhile", async (t) => {
  writeFileSync(tree.here("log"), "one\n");
  const script = `exec 5>>${rootOf(mount)}/log; echo two >&5; echo up; read line; echo four >&5; echo done`;
  await using writer = await Proc.start({ command: ["sh", "-c", script] });
  await writer.line(/^up$/);
  appendFileSync(tree.here("log"), "three\n");
  writer.write("\n");
  await writer.line(/^done$/);
  t.equal(readFileSync(tree.here("log"), "utf8"), "one\ntwo\nthree\nfour\n");
  t.equal((await shell("cat $P/log")).stdout, "one\ntwo\nthree\nfour\n");
});

void t.test("several names of one file are one file", async (t) => {
  writeFileSync(tree.here("name"), "aaaa");
  linkSync(tree.here("name"), tree.here("alias"));
  const said = await python(`
r = os.open(P + "/alias", os.O_RDONLY)
print(os.pread(r, 4, 0))
w = os.open(P + "/name", os.O_WRONLY)
os.write(w, b"bb")
print(os.pread(r, 4, 0), os.stat(P + "/name").st_ino == os.fstat(r).st_ino)`);
  t.match(said, { stdout: "b'aaaa'\nb'bbaa' True\n", stderr: "" });
});

void t.test("an open file that is unlinked or replaced stays what it was", async (t) => {
  writeFileSync(tree.here("replaced"), "old");
  const said = await python(`
f = os.open(P + "/replaced", os.O_RDWR)
open(P + "/fresh", "w").write("new")
os.rename(P + "/fresh", P + "/replaced")
os.pwrite(f, b"OLD", 0)
os.fchmod(f, 0o640)
print(os.pread(f, 9, 0), os.fstat(f).st_nlink, open(P + "/replaced").read())
os.ftruncate(f, 1)
print(os.fstat(f).st_size, oct(os.fstat(f).st_mode))
os.unlink(P + "/replaced")
print(os.pread(f, 9, 0))`);
  t.match(said, { stdout: "b'OLD' 0 new\n1 0o100640\nb'O'\n", stderr: "" });
});

void t.test("a file that the pod replaces is another file for who opens it, at once", async (t) => {
  writeFileSync(tree.here("swapped"), "old");
  t.equal((await shell("stat -c %s $P/swapped; cat $P/swapped")).stdout, "3\nold");
  writeFileSync(tree.here("swapping"), "newer");
  renameSync(tree.here("swapping"), tree.here("swapped"));
  t.equal((await shell("cat $P/swapped")).stdout, "newer");
});

void t.test("a folder of thousands is listed whole, each name once", async (t) => {
  mkdirSync(tree.here("crowd"));
  for (let index = 0; index < 1200; index++) writeFileSync(tree.here(`crowd/file-${index}`), "");
  const said = await python(`
names = os.listdir(P + "/crowd")
print(len(names), len(set(names)), sum(e.stat().st_mode == 0o100644 for e in os.scandir(P + "/crowd")))
import shutil
shutil.rmtree(P + "/crowd")
print(os.path.exists(P + "/crowd"))`);
  t.match(said, { stdout: "1200 1200 1200\nFalse\n", stderr: "" });
});

void t.test("one question tells of a whole path for whoever says that he is about to use it", async (t) => {
  mkdirSync(tree.here("way/to/a"), { recursive: true });
  writeFileSync(tree.here("way/to/a/file"), "");
  const asked: string[] = [];
  const counted = new RemoteFiles({
    open: (opening, events) => {
      const stream = link.open(opening, events);
      const write = (chunk: Uint8Array): boolean => {
        asked.push(decodeFileQuestion(chunk.subarray(4)).question.ask);
        return stream.write(chunk);
      };
      return Object.assign(Object.create(stream) as typeof stream, {
        write,
        consumed: (bytes: number) => stream.consumed(bytes),
        end: () => stream.end(),
      });
    },
    process: tree.app.pid,
    writes: true,
  });
  await using watched = await open({ files: counted });
  const path = `/proc/self/fd/${watched.rootDescriptor}/way/to/a/file`;
  const begunMs = performance.now();
  void watched.expect("/way/to/a/file");
  t.equal((await stat(path)).size, 0);
  // What was told is believed for a second: on a machine that was busy for longer the kernel asks for itself.
  const isFresh = performance.now() - begunMs < 900;
  t.same(isFresh ? asked : asked.slice(0, 1), ["walk"]);
  counted.close();
});

void t.test("FIFOs and devices are not made", async (t) => {
  const { stderr } = await shell("mkfifo $P/fifo; mknod $P/null c 1 3");
  t.match(stderr, /^(mk.*Operation not permitted\n){2}$/);
});

void t.test("a failure is the pod's own: ENOSPC, ENAMETOOLONG, EBUSY, ELOOP", async (t) => {
  mkdirSync(tree.here("full"));
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", tree.here("full")]);
  t.teardown(() => execFileSync("umount", [tree.here("full")]));
  symlinkSync("self", tree.here("self"));
  const said = await python(`
f = os.open(P + "/full/file", os.O_WRONLY | os.O_CREAT)
print(of(lambda: [os.write(f, bytes(40000)) for _ in range(5)]))
os.close(f)
print(of(lambda: os.mkdir(P + "/" + "n" * 256)), of(lambda: os.rmdir(P + "/full")), of(lambda: os.stat(P + "/self")))
print(os.statvfs(P + "/full").f_blocks * os.statvfs(P + "/full").f_frsize)`);
  t.match(said, { stdout: "ENOSPC\nENAMETOOLONG EBUSY ELOOP\n65536\n", stderr: "" });
});

void t.test("where a rule says read nothing is changed, and what is absent is not there", async (t) => {
  mkdirSync(tree.here("rules"));
  for (const name of ["fixed", "free", "hidden"]) writeFileSync(tree.here(`rules/${name}`), name);
  const modeOf = (path: string) => {
    if (path === "/rules/hidden") return "absent";
    return path.startsWith("/rules/free") ? "read-write" : "read";
  };
  await using ruled = await open({ files: link.files, modeOf });
  const said = await python(
    `
R = P + "/rules/"
print(sorted(os.listdir(R)), of(lambda: os.stat(R + "hidden")), open(R + "fixed").read())
f = os.open(R + "fixed", os.O_RDONLY)
print(*[of(act) for act in [
  lambda: os.open(R + "fixed", os.O_RDWR), lambda: os.truncate(R + "fixed", 0), lambda: os.fchmod(f, 0o777),
  lambda: os.unlink(R + "fixed"), lambda: os.rename(R + "free", R + "fixed"),
  lambda: os.link(R + "fixed", R + "free2"), lambda: os.mkdir(R + "folder"), lambda: os.symlink("x", R + "link"),
  lambda: os.utime(f), lambda: os.open(R + "new", os.O_RDWR | os.O_CREAT)]])
print(of(lambda: os.rename(R + "free", R + "free2")), of(lambda: os.unlink(R + "free2")))`,
    ruled,
  );
  t.equal(
    said.stdout,
    `['fixed', 'free'] ENOENT fixed\n${"EROFS ".repeat(10).trim()}\nnone none\n`,
    said.stderr,
  );
});

void t.test(
  "files that say that they are empty and are not, such as those of /proc, are read as they are",
  async (t) => {
    using own = new FilesLink({ process: process.pid, podFiles });
    await using here = await open({ files: own.files });
    t.equal((await shell("cat $P/proc/version", here)).stdout, readFileSync("/proc/version", "utf8"));
  },
);

void t.test("calls of this very process are answered though they fill the pool of threads", async (t) => {
  mkdirSync(tree.here("pool"));
  for (let index = 0; index < 40; index++) writeFileSync(tree.here(`pool/${index}`), String(index));
  const root = `/proc/self/fd/${mount.rootDescriptor}/pool`;
  const read = Array.from({ length: 40 }, (_, index) => readFile(`${root}/${index}`, "utf8"));
  t.same(
    await Promise.all(read),
    Array.from({ length: 40 }, (_, index) => String(index)),
  );
  t.equal((await readdir(root)).length, 40);
});

void t.test(
  "who waits for a silent agent can be killed; a signal that is handled is no failure",
  async (t) => {
    using slow = new FilesLink({ process: tree.app.pid });
    await using silent = await open({ files: slow.files });
    writeFileSync(tree.here("slow"), "at last");
    slow.stall();
    await using killed = await Proc.start({ command: ["cat", `${rootOf(silent)}/slow`] });
    const handler = `
import signal
signal.signal(signal.SIGUSR1, lambda *_: print("signal", flush=True))
print("up", flush=True)
print(open("${rootOf(silent)}/slow").read())`;
    await using patient = await Proc.start({ command: ["python3", "-c", handler] });
    await patient.line(/^up$/);
    await until(() => sleeps(killed.pid) && sleeps(patient.pid), { what: "both to wait" });
    patient.signal("SIGUSR1");
    t.match(await killed.kill(), { signal: "SIGKILL" });
    slow.resume();
    await patient.line(/^at last$/);
    await patient.line(/^signal$/);
  },
);

void t.test(
  "when the agent is gone everything fails with EIO at once, what waits and what comes",
  async () => {
    using lost = new FilesLink({ process: tree.app.pid, podFiles });
    await using orphan = await open({ files: lost.files });
    writeFileSync(tree.here("lost"), "x".repeat(100_000));
    const root = rootOf(orphan);
    const script = `${prelude}
f = os.open("${root}/lost", os.O_RDONLY)
print("up", flush=True)
input()
print(of(lambda: os.listdir("${root}")), flush=True)
print(of(lambda: os.stat("${root}/other")), of(lambda: os.pread(f, 10, 90000)), of(lambda: os.open("${root}/lost", 0)))`;
    await using program = await Proc.start({ command: ["python3", "-c", script] });
    await program.line(/^up$/);
    lost.stall();
    program.write("\n");
    await until(() => sleeps(program.pid), { what: "the program to wait" });
    lost.cut();
    await program.line(/^EIO$/);
    await program.line(/^EIO EIO EIO$/);
  },
);

void t.test("when the mount is closed its files are gone: ENOTCONN", async (t) => {
  const closed = await open({ files: link.files });
  const script = `exec 5<${rootOf(closed)}/busybox; echo up; read line; head -c 1 <&5; echo over`;
  await using program = await Proc.start({ command: ["sh", "-c", script] });
  await program.line(/^up$/);
  await closed[Symbol.asyncDispose]();
  await closed[Symbol.asyncDispose]();
  program.write("\n");
  await program.line(/not connected/);
  await program.line(/^over$/);
  t.pass();
});

void t.test("ordinary users mount, too, and what the app may is theirs", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "magpie-fuse-"));
  t.teardown(() => rmSync(folder, { recursive: true }));
  // This machine's own device may be root's alone.
  const device = join(folder, "fuse");
  execFileSync("mknod", [device, "c", "10", "229"]);
  for (const path of [device, folder]) chmodSync(path, 0o777);
  writeFileSync(join(folder, "roots"), "root's");
  mkdirSync(join(folder, "closed"), { mode: 0o700 });
  const program = fileURLToPath(new URL("../../../fixtures/user-mount.ts", import.meta.url));
  const asUser = `exec setpriv --reuid=65534 --regid=65534 --clear-groups "$@"`;
  const shown = [
    // In its namespace the kernel knows one user only.
    ["user-namespace", device, "true", "roots 65534 root's"],
    ["program", "/dev/fuse", `mount --bind ${device} /dev/fuse`, "roots 0 root's"],
  ] as const;
  for (const [way, devicePath, prepare, roots] of shown) {
    if (way === "program" && !existsSync("/usr/bin/fusermount3")) continue;
    const command = ["unshare", "--mount", "sh", "-c", `${prepare} && ${asUser}`, "sh"] as const;
    await using user = await Proc.start({
      command: [...command, process.execPath, program, way, devicePath, folder],
    });
    await user.exited;
    t.same(user.stdout, [way, roots, "EACCES", "made 65534 65534 640"], user.output());
    t.equal(readFileSync(join(folder, "made"), "utf8"), "by the user");
    rmSync(join(folder, "made"));
  }
});

void t.test("where nothing can be mounted it is said why, and what it takes", async (t) => {
  const none = FileMount.open({ files: link.files, devicePath: "/dev/null", onFault: () => {} });
  await t.rejects(none, {
    code: "not-permitted",
    message: /by privilege: .*; in a user namespace: .*; by fusermount3: /,
  });
});

void t.test("nothing went wrong that should not", async (t) => {
  t.same(faults, []);
  t.same(link.faults, []);
});
