import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import t from "tap";
import { RemoteFiles } from "../../../src/client/files/index.ts";
import { type FileQuestion, type FilesOpening, OpenFlag } from "../../../src/protocol/index.ts";
import type { StreamEvents } from "../../../src/tunnel/index.ts";
import { errnoOf } from "../../fixtures/errno-of.ts";
import { FilesLink, PodTree } from "../../fixtures/pod-tree.ts";
import { Proc } from "../../fixtures/proc.ts";
import { until } from "../../fixtures/until.ts";

const app = { user: 10_001, group: 10_002 };
const tree = await PodTree.make(app);
const link = new FilesLink({ process: tree.app.pid });
const { files } = link;
t.teardown(async () => {
  link[Symbol.dispose]();
  await tree[Symbol.asyncDispose]();
});

const bytes = (path: string): Buffer => Buffer.from(path);
const openQuestion = (path: string, flags: number = OpenFlag.read, mode = 0) =>
  ({ ask: "open", path: bytes(path), flags, mode, firstBytes: 0 }) as const;
const leaveAll = { mode: null, user: null, group: null, size: null, accessed: null, modified: null };

/** A folder that the app may write. */
function appFolder(name: string): string {
  mkdirSync(tree.here(name));
  chownSync(tree.here(name), app.user, app.group);
  return name;
}

void t.test("the welcome says whose files they are, and with whose rights the agent acts", async (t) => {
  t.match(await files.whose(), { process: tree.app.pid, name: "busybox", ...app, rights: "app" });
});

void t.test("no link, absolute or relative, and no name leads out of the app's root", async (t) => {
  const there = appFolder("escape");
  writeFileSync(tree.here("escape/passwd"), "the pod's");
  // On this machine each of them leads to a file that is there.
  symlinkSync("/etc/passwd", tree.here("escape/absolute"));
  symlinkSync("../../../../../../../../etc/passwd", tree.here("escape/relative"));
  symlinkSync("/proc/self/root/etc/passwd", tree.here("escape/proc"));
  symlinkSync("/../..", tree.here("escape/above"));
  symlinkSync(`/proc/${process.pid}/cwd`, tree.here("escape/cwd"));
  for (const name of ["absolute", "relative", "proc", "above/etc/passwd", "above/../../etc/passwd"])
    t.equal(
      await errnoOf(files.readFile(`/${there}/${name}`.replace("/../../", "/"), { maxBytes: 1e6 })),
      "ENOENT",
      name,
    );
  t.equal(await errnoOf(files.ask({ ask: "look-up", path: bytes("escape/above/etc/passwd") })), "ENOENT");
  t.equal(await errnoOf(files.ask({ ask: "look-up", path: bytes("escape/cwd/package.json") })), "ENOENT");
  const { entries } = await files.ask({ ask: "open-directory", path: bytes(""), maxBytes: 10_000 });
  t.ok(entries.some(({ name }) => name.toString() === "busybox"));
  t.equal(entries.find(({ name }) => name.toString() === "..")?.attributes, null);
});

void t.test("links are followed as the pod would follow them", async (t) => {
  appFolder("inside");
  mkdirSync(tree.here("inside/real"));
  writeFileSync(tree.here("inside/real/file"), "found");
  symlinkSync("/inside/real", tree.here("inside/absolute"));
  symlinkSync("../inside/absolute/../real/file", tree.here("inside/relative"));
  for (const path of ["/inside/absolute/file", "/inside/relative"])
    t.equal((await files.readFile(path, { maxBytes: 100 })).toString(), "found");
  t.equal(await errnoOf(files.ask(openQuestion("inside/relative"))), "ELOOP", "unless it is not asked for");
});

async function madeAndClosed(path: string): Promise<void> {
  const { handle } = await files.ask(openQuestion(path, OpenFlag.write | OpenFlag.create, 0o600));
  await files.ask({ ask: "close", handle });
}

void t.test("a folder that turns into a link while it is used leads nowhere else", async (t) => {
  appFolder("race");
  const outside = tree.here("../pod-race-outside");
  mkdirSync(tree.here("race/folder"));
  mkdirSync(outside, { recursive: true });
  t.teardown(() => rmSync(outside, { recursive: true }));
  chmodSync(outside, 0o777);
  chownSync(tree.here("race/folder"), app.user, app.group);
  // A process of the machine swaps a folder and a link that leads out, as fast as it can.
  const swap = `
import os, ctypes
libc = ctypes.CDLL(None)
os.chdir(${JSON.stringify(tree.here("race"))})
os.symlink(${JSON.stringify(outside)}, "link")
for i in range(20000): libc.syscall(316, -100, b"folder", -100, b"link", 2)
`;
  await using racer = await Proc.start({ command: ["python3", "-c", swap] });
  const seen = new Set<string>();
  for (let turn = 0; racer.running; turn++) {
    const path = `race/folder/${turn}`;
    seen.add(await errnoOf(madeAndClosed(path)));
    seen.add(await errnoOf(files.ask({ ask: "make-directory", path: bytes(`${path}d`), mode: 0o700 })));
  }
  t.ok(seen.has("none"), "some found the folder");
  t.same(readdirSync(outside), []);
});

void t.test("what is made belongs to the app, with the mode that was asked for", async (t) => {
  appFolder("made");
  const { handle } = await files.ask(openQuestion("made/file", OpenFlag.write | OpenFlag.create, 0o666));
  await files.ask({ ask: "close", handle });
  await files.ask({ ask: "make-directory", path: bytes("made/folder"), mode: 0o777 });
  await files.ask({ ask: "make-link", path: bytes("made/link"), target: bytes("anywhere") });
  for (const [name, mode] of [
    ["file", 0o100666],
    ["folder", 0o040777],
    ["link", 0o120777],
  ] as const)
    t.match(lstatSync(tree.here(`made/${name}`)), { uid: app.user, gid: app.group, mode }, name);
});

void t.test("what the app may not do is not done", async (t) => {
  appFolder("rights");
  writeFileSync(tree.here("rights/secret"), "root's", { mode: 0o600 });
  mkdirSync(tree.here("rights/closed"), { mode: 0o700 });
  writeFileSync(tree.here("rights/closed/file"), "root's");
  const path = bytes("rights/secret");
  t.equal(await errnoOf(files.ask(openQuestion("rights/secret"))), "EACCES");
  t.equal(await errnoOf(files.ask({ ask: "look-up", path: bytes("rights/closed/file") })), "EACCES");
  t.equal(await errnoOf(files.ask(openQuestion("new", OpenFlag.write | OpenFlag.create, 0o600))), "EACCES");
  t.equal(await errnoOf(files.ask({ ask: "change", path, changes: { ...leaveAll, mode: 0o777 } })), "EPERM");
  t.equal(
    await errnoOf(files.ask({ ask: "change", path, changes: { ...leaveAll, user: app.user } })),
    "EPERM",
  );
  t.equal(await errnoOf(files.ask({ ask: "access", path, mode: 4 })), "EACCES");
  t.equal(await errnoOf(files.ask({ ask: "access", path, mode: 0 })), "none");
});

void t.test("FIFOs, sockets and devices are not opened, whatever they would do", async (t) => {
  appFolder("special");
  execFileSync("mkfifo", [tree.here("special/fifo")]);
  execFileSync("mknod", ["-m", "666", tree.here("special/null"), "c", "1", "3"]);
  execFileSync("python3", [
    "-c",
    `import socket; socket.socket(socket.AF_UNIX).bind(${JSON.stringify(tree.here("special/socket"))})`,
  ]);
  const both = OpenFlag.read | OpenFlag.write;
  for (const [name, errno] of [
    ["fifo", "ENXIO"],
    ["socket", "ENXIO"],
    ["null", "EACCES"],
  ] as const) {
    for (const flags of [OpenFlag.read, both, both | OpenFlag.create])
      t.equal(await errnoOf(files.ask(openQuestion(`special/${name}`, flags))), errno, name);
  }
  t.equal(await errnoOf(files.ask(openQuestion("special"))), "EISDIR");
});

void t.test("a stream that was opened for reading changes nothing: EROFS", async (t) => {
  appFolder("fixed");
  writeFileSync(tree.here("fixed/file"), "as it was");
  chownSync(tree.here("fixed/file"), app.user, app.group);
  using reading = new FilesLink({ process: tree.app.pid, writes: false });
  const path = bytes("fixed/file");
  const to = bytes("fixed/other");
  const changes: FileQuestion[] = [
    openQuestion("fixed/file", OpenFlag.write),
    openQuestion("fixed/file", OpenFlag.read | OpenFlag.truncate),
    openQuestion("fixed/new", OpenFlag.read | OpenFlag.create, 0o600),
    { ask: "make-directory", path: to, mode: 0o700 },
    { ask: "remove-directory", path },
    { ask: "unlink", path },
    { ask: "rename", path, to, flags: 0 },
    { ask: "link", path, to },
    { ask: "make-link", path: to, target: path },
    { ask: "change", path, changes: { ...leaveAll, mode: 0o777 } },
  ];
  for (const question of changes) t.equal(await errnoOf(reading.files.ask(question)), "EROFS", question.ask);
  const { handle } = await reading.files.ask(openQuestion("fixed/file", OpenFlag.read | OpenFlag.create));
  const data = Buffer.from("x");
  for (const question of [
    { ask: "write", handle, offset: 0, append: false, data },
    { ask: "change-open", handle, changes: { ...leaveAll, size: 0 } },
    { ask: "allocate", handle, mode: 0, offset: 0, length: 10 },
  ] as const)
    t.equal(await errnoOf(reading.files.ask(question)), "EROFS", question.ask);
  t.same(readdirSync(tree.here("fixed")), ["file"]);
  t.equal(readFileSync(tree.here("fixed/file"), "utf8"), "as it was");
});

void t.test("a file that is open stays the same file, whatever becomes of its name", async (t) => {
  appFolder("names");
  writeFileSync(tree.here("names/file"), "first");
  const { handle } = await files.ask(openQuestion("names/file"));
  writeFileSync(tree.here("names/other"), "second");
  renameSync(tree.here("names/other"), tree.here("names/file"));
  const { data } = await files.ask({ ask: "read", handle, offset: 1, length: 100 });
  t.equal(data.toString(), "irst");
  t.match(await files.ask({ ask: "status", handle }), { attributes: { links: 0, size: 5 } });
  await files.ask({ ask: "close", handle });
  t.equal(await errnoOf(files.ask({ ask: "read", handle, offset: 0, length: 1 })), "EBADF");
});

void t.test("appending goes to the end as the pod has it, and other writes where they belong", async (t) => {
  appFolder("append");
  writeFileSync(tree.here("append/log"), "12345");
  chownSync(tree.here("append/log"), app.user, app.group);
  const { handle } = await files.ask(openQuestion("append/log", OpenFlag.write | OpenFlag.read));
  writeFileSync(tree.here("append/log"), "67890", { flag: "a" });
  await files.ask({ ask: "write", handle, offset: 5, append: true, data: Buffer.from("end") });
  await files.ask({ ask: "write", handle, offset: 0, append: false, data: Buffer.from("AB") });
  t.equal(readFileSync(tree.here("append/log"), "utf8"), "AB34567890end");
  await files.ask({ ask: "change-open", handle, changes: { ...leaveAll, size: 3 } });
  t.equal(readFileSync(tree.here("append/log"), "utf8"), "AB3");
});

void t.test("the last byte of a large sparse file comes at once, and its holes are known", async (t) => {
  writeFileSync(tree.here("sparse"), "");
  truncateSync(tree.here("sparse"), 2 ** 34);
  const { handle } = await files.ask({ ...openQuestion("sparse"), firstBytes: 65_536 });
  const { data } = await files.ask({ ask: "read", handle, offset: 2 ** 34 - 1, length: 100 });
  t.same(data, Buffer.of(0));
  t.equal(await errnoOf(files.ask({ ask: "seek", handle, offset: 0, to: "data" })), "ENXIO");
  t.match(await files.ask({ ask: "seek", handle, offset: 5, to: "hole" }), { offset: 5 });
});

void t.test("a directory is read in parts, each entry once, by as many as want to at a time", async (t) => {
  mkdirSync(tree.here("many"));
  const names = Array.from({ length: 700 }, (_, index) => `a-name-of-some-length-${index}`);
  for (const name of names) writeFileSync(tree.here(`many/${name}`), "");
  const list = async (): Promise<string[]> => {
    const { handle, entries } = await files.ask({
      ask: "open-directory",
      path: bytes("many"),
      maxBytes: 8192,
    });
    const found = [...entries];
    for (let part = entries; part.length > 0; found.push(...part)) {
      const after = found.at(-1)?.cookie ?? 0n;
      part = (await files.ask({ ask: "read-directory", handle, after, maxBytes: 8192 })).entries;
    }
    await files.ask({ ask: "close", handle });
    return found.map(({ name }) => name.toString()).toSorted();
  };
  const lists = await Promise.all([list(), list(), list()]);
  for (const found of lists) t.same(found, [".", "..", ...names].toSorted());
});

void t.test("one question tells of every file on the way, links included", async (t) => {
  mkdirSync(tree.here("way/to"), { recursive: true });
  writeFileSync(tree.here("way/to/file"), "");
  symlinkSync("../way/to", tree.here("way/link"));
  const steps = async (path: string): Promise<string[]> => {
    const walked = await files.ask({ ask: "walk", path: bytes(path) });
    return walked.steps.map(
      (step) => `${step.path.toString()} ${step.errno ?? step.target?.toString() ?? "-"}`,
    );
  };
  t.same(await steps("way/link/file"), ["way -", "way/link ../way/to", "way -", "way/to -", "way/to/file -"]);
  t.same(await steps("way/none/file"), ["way -", "way/none ENOENT"]);
  t.same(await steps("busybox/file"), ["busybox -"]);
  symlinkSync("loop", tree.here("loop"));
  t.ok((await steps("loop")).length <= 41);
});

void t.test("other names, other times, other places: as link(2), utimensat(2), rename(2) say", async (t) => {
  appFolder("tree");
  writeFileSync(tree.here("tree/one"), "1");
  chownSync(tree.here("tree/one"), app.user, app.group);
  const one = bytes("tree/one");
  const two = bytes("tree/two");
  t.match(await files.ask({ ask: "link", path: one, to: two }), { attributes: { links: 2 } });
  t.equal(await errnoOf(files.ask({ ask: "rename", path: one, to: two, flags: 1 })), "EEXIST");
  await files.ask({ ask: "rename", path: one, to: bytes("tree/three"), flags: 0 });
  t.same(readdirSync(tree.here("tree")).toSorted(), ["three", "two"]);
  const modified = { seconds: 1_000_000, nanoseconds: 123_000_000 };
  const changed = await files.ask({
    ask: "change",
    path: two,
    changes: { ...leaveAll, modified, mode: 0o4600 },
  });
  t.match(changed, { attributes: { modified, mode: 0o104600 } });
  t.equal(statSync(tree.here("tree/two")).mtimeMs, 1_000_000_123);
  symlinkSync("/busybox", tree.here("tree/link"));
  t.equal(
    await errnoOf(
      files.ask({ ask: "change", path: bytes("tree/link"), changes: { ...leaveAll, mode: 0o777 } }),
    ),
    "EOPNOTSUPP",
  );
  t.equal(await errnoOf(files.ask({ ask: "remove-directory", path: bytes("tree") })), "EACCES");
  await files.ask({ ask: "unlink", path: two });
  t.match(await files.ask({ ask: "space", path: bytes("tree") }), { maxNameBytes: 255 });
  linkSync(tree.here("tree/three"), tree.here("tree/four"));
});

void t.test("when the stream ends, everything that was open is closed", async (t) => {
  const inTree = (): number =>
    readdirSync("/proc/self/fd").filter((descriptor) => {
      try {
        return readlinkSync(`/proc/self/fd/${descriptor}`).startsWith(tree.directory);
      } catch {
        return false;
      }
    }).length;
  using short = new FilesLink({ process: tree.app.pid });
  for (let turn = 0; turn < 20; turn++) await short.files.ask(openQuestion("busybox"));
  await short.files.ask({ ask: "open-directory", path: bytes(""), maxBytes: 1000 });
  const before = inTree();
  t.ok(before >= 21);
  short.cut();
  await until(() => inTree() <= before - 21, { what: "descriptors of a lost session to be closed" });
});

void t.test("more than a session may have open is refused: EMFILE, until something is closed", async (t) => {
  using greedy = new FilesLink({ process: tree.app.pid });
  const open = () => greedy.files.ask(openQuestion("busybox"));
  const opened: number[] = [];
  let errno = "none";
  while (errno === "none") errno = await errnoOf(open().then(({ handle }) => opened.push(handle)));
  t.equal(errno, "EMFILE");
  t.ok(opened.length > 50 && opened.length <= 512);
  await greedy.files.ask({ ask: "close", handle: opened[0] ?? 0 });
  t.equal(await errnoOf(open()), "none");
});

void t.test("what a session has open on all its streams is counted together", async (t) => {
  using greedy = new FilesLink({ process: tree.app.pid });
  const open = (opening: FilesOpening, events: StreamEvents) => greedy.open(opening, events);
  const second = new RemoteFiles({ open, process: tree.app.pid, writes: false });
  for (let turn = 0; turn < 300; turn++) await greedy.files.ask(openQuestion("busybox"));
  let [count, errno] = [0, "none"];
  while (errno === "none") errno = await errnoOf(second.ask(openQuestion("busybox")).then(() => count++));
  t.equal(errno, "EMFILE");
  t.ok(count <= 212, String(count));
});

void t.test("a session has few streams", async (t) => {
  using greedy = new FilesLink({ process: tree.app.pid });
  const refused: string[] = [];
  const events = (): StreamEvents => ({
    onHead: () => undefined,
    onData: () => undefined,
    onEnd: () => undefined,
    onReset: (code, text) => void refused.push(`${code}: ${text}`),
    onDrain: () => undefined,
  });
  const open = () => greedy.open({ kind: "files", process: tree.app.pid, writes: false }, events());
  const streams = Array.from({ length: 8 }, open);
  open();
  await until(() => refused.length > 0, { what: "one too many to be refused" });
  t.same(refused, ["refused: a session has at most 8 streams about files"]);
  streams[0]?.end();
  // Its place is free as soon as nothing of it is under way.
  await until(async () => (await errnoOf(greedy.files.ask(openQuestion("busybox")))) === "none", {
    what: "a place to be free",
  });
});

void t.test("the process may end: its files are served as long as the session lasts", async (t) => {
  await using other = await PodTree.make();
  using served = new FilesLink({ process: other.app.pid });
  writeFileSync(other.here("file"), "still there");
  await served.files.whose();
  await other.app.kill();
  t.equal((await served.files.readFile("/file", { maxBytes: 100 })).toString(), "still there");
});

void t.test(
  "an agent that may not become the app says so, and gives it what it makes where it may",
  async (t) => {
    appFolder("agents");
    const program = fileURLToPath(new URL("../../fixtures/less-files.ts", import.meta.url));
    const drop = "-setuid,-setgid,-sys_admin";
    await using less = await Proc.start({
      command: ["setpriv", "--bounding-set", drop, process.execPath, program, String(tree.app.pid)],
    });
    await less.exited;
    t.same(less.stdout, ["agent"], less.output());
    t.match(lstatSync(tree.here("agents/file")), { uid: app.user, gid: app.group, mode: 0o100666 });
    t.match(lstatSync(tree.here("agents/folder")), { uid: 0, mode: 0o040777 });
  },
);

void t.test("a process that is no process of the pod has no files", async (t) => {
  using none = new FilesLink({ process: 4_194_304 });
  await t.rejects(none.files.whose(), { errno: "EIO", message: /gone/ });
});

void t.test("whoever breaks the protocol is reset, and nobody else", async (t) => {
  const ended = Promise.withResolvers<string>();
  const events: StreamEvents = {
    onHead: () => {},
    onData: () => {},
    onEnd: () => {},
    onReset: (code) => ended.resolve(code),
    onDrain: () => {},
  };
  const stream = link.open({ kind: "files", process: tree.app.pid, writes: true }, events);
  const frame = Buffer.alloc(12);
  frame.writeUInt32LE(8);
  frame.writeUInt8(14, 8);
  stream.write(frame);
  t.equal(await ended.promise, "protocol-error");
  t.ok(existsSync(tree.directory));
  t.match(await files.ask({ ask: "look-up", path: bytes("busybox") }), { target: null });
  t.same(link.faults, []);
});
