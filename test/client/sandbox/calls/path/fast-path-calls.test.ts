import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import makeFastHandlers from "../../../../../src/client/sandbox/calls/path/fast-path-calls.ts";
import { MadeFiles } from "../../../../../src/client/sandbox/calls/path/made-files.ts";
import { pathCalls } from "../../../../../src/client/sandbox/calls/path/path-calls.ts";
import type { PathConfig } from "../../../../../src/client/sandbox/calls/path/path-config.ts";
import { pathTable } from "../../../../../src/client/sandbox/calls/path/path-table.ts";
import { nameOfHeld } from "../../../../../src/client/sandbox/supervisor/held-syscall.ts";
import type { SyscallName } from "../../../../../src/client/sandbox/supervisor/index.ts";
import { fileRule } from "../../../../fixtures/in-pod.ts";
import { FakeCaller, heldCall } from "./fake-caller.ts";

const AT_FDCWD = -100;
const AT_SYMLINK_NOFOLLOW = 0x100;
const AT_EMPTY_PATH = 0x1000;
const [O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW] = [
  1,
  0o100,
  0o200,
  process.arch === "arm64" ? 0o100000 : 0o400000,
];

const root = mkdtempSync(join(tmpdir(), "magpie-fast-"));
mkdirSync(join(root, "pod/folder"), { recursive: true });
mkdirSync(join(root, "changed"));
const rootDescriptor = openSync(root, "r");
const made = new MadeFiles();
made.set("/pod/made", Buffer.from("made"));
t.teardown(() => {
  made[Symbol.dispose]();
  closeSync(rootDescriptor);
  rmSync(root, { recursive: true });
});

const module = pathCalls({
  rules: {
    rules: [
      fileRule("absent", "/pod/absent"),
      { ...fileRule("read", "/pod/made"), origin: "made" },
      fileRule("local", "/pod/local"),
      fileRule("read", "/pod"),
      fileRule("read-write", "/changed"),
    ],
    otherwise: "local",
  },
  ...{ rootDescriptor, made, traces: false, onNotice: () => undefined },
});

/** Handlers that have not answered anything yet, and what they tell. */
function fast() {
  const told: string[] = [];
  const config = structuredClone(module.config) as PathConfig; // what `pathCalls` has made
  const handlers = makeFastHandlers({ config, tell: (kind) => void told.push(kind) });
  const ask = (name: SyscallName, ...args: readonly (number | bigint | string)[]) => {
    const caller = new FakeCaller();
    const words = args.map((one) => (typeof one === "string" ? caller.text(one) : one));
    return { ...handlers[name]?.(heldCall(name, ...words), caller), caller };
  };
  return { ask, told };
}

void t.test("every call that is held has a handler", async (t) => {
  const handlers = makeFastHandlers({ config: module.config as PathConfig, tell: () => undefined });
  for (const held of module.syscalls) t.type(handlers[nameOfHeld(held)], "function", nameOfHeld(held));
});

void t.test("every call that names a path goes where the path leads, by all the rules", async (t) => {
  const { ask } = fast();
  for (const [name, { paths }] of Object.entries(pathTable) as [
    SyscallName,
    (typeof pathTable)["linkat"],
  ][]) {
    const call = (path: string) => {
      const words: (number | string | bigint)[] = [0, 0, 0, 0, 0, 0];
      // A link's text and an attribute's name are read as well.
      if (name.startsWith("symlink")) words[0] = "text";
      for (const { folder, path: at } of paths) {
        if (folder !== null) words[folder] = AT_FDCWD;
        words[at] = path;
      }
      if (name === "openat2") words[3] = 24;
      const caller = new FakeCaller();
      if (name === "openat2") words[2] = caller.bytes(Buffer.alloc(24));
      if (name === "utime") words[1] = 0;
      const args = words.map((one) => (typeof one === "string" ? caller.text(one) : one));
      const handlers = makeFastHandlers({ config: module.config as PathConfig, tell: () => undefined });
      return handlers[name]?.(heldCall(name, ...args), caller);
    };
    t.match(call("/usr/x"), { as: "continue" }, `${name} of one's own`);
    t.match(call("/pod/absent"), { as: "errno", errno: "ENOENT" }, `${name} of nothing`);
    t.match(call("/pod/x"), { as: "later" }, `${name} of the pod`);
    t.match(call("/usr/../pod/x"), { as: "later" }, `${name} of the pod, on a detour`);
  }
  t.match(ask("stat", "/pod/local/x"), { as: "continue" });
});

void t.test("what only the kernel can find fault with is left to it", async (t) => {
  const { ask } = fast();
  t.match(ask("open", 0x666), { as: "continue" }, "an address where nothing is");
  t.match(ask("open", ""), { as: "continue" }, "no name");
  t.match(ask("newfstatat", 3, "", 0, AT_EMPTY_PATH), { as: "continue" }, "a descriptor");
  t.match(ask("openat", 999_999, "x"), { as: "continue" }, "no such descriptor");
  t.match(ask("openat2", AT_FDCWD, "/pod/x", 0x666, 24), { as: "continue" });
  t.match(ask("openat2", AT_FDCWD, "/pod/x", 0x666, 8), { as: "continue" });
});

void t.test("what is made is told apart from the pod's, unless a rule is about that very path", async (t) => {
  const { ask } = fast();
  t.match(ask("open", "/pod/made", 0), {
    as: "later",
    about: { place: { side: "made", path: "/pod/made" } },
  });
  t.match(ask("open", "/pod/./made/", 0), { about: { place: { side: "made" } } });
  t.match(ask("open", "/pod/made2", 0), { about: { place: { side: "pod" } } });
});

void t.test("`..` is left to whom the path leads to, as long as it stays on one side", async (t) => {
  const { ask } = fast();
  const place = (path: string) => (ask("stat", path) as { about?: { place: object } }).about?.place;
  t.match(place("/pod/a/../b"), { side: "pod", path: "/pod/a/../b" });
  t.match(place("/usr/../pod/b"), { side: "pod", path: "/pod/b" });
  t.match(place("/pod/a/../../usr/b"), { side: "here", path: "/usr/b" }, "the kernel may have no /pod");
  t.match(ask("stat", "/usr/a/../b"), { as: "continue" });
});

void t.test("a path by what a process has open is that of the thing", async (t) => {
  const { ask } = fast();
  const folder = openSync(join(root, "pod/folder"), "r");
  const changed = openSync(join(root, "changed"), "r");
  try {
    t.match(ask("stat", `/proc/self/fd/${folder}`), { as: "continue" }, "nothing of the pod is open yet");
    t.match(ask("open", "/pod/folder", 0), { as: "later" });
    for (const path of [
      `/proc/self/fd/${folder}`,
      `/proc/${process.pid}/fd/${folder}`,
      `/dev/fd/${folder}`,
    ]) {
      t.match(ask("stat", path), { as: "continue" });
      t.match(ask("open", path, O_WRONLY), { as: "errno", errno: "EROFS" });
      t.match(ask("chmod", path, 0o777), { as: "errno", errno: "EROFS" });
      t.match(ask("execve", path), { as: "later", about: { what: "execute" } });
      t.match(ask("stat", `${path}/x`), { about: { place: { side: "pod", path: "/pod/folder/x" } } });
    }
    t.match(ask("stat", "/proc/self/root/pod/x"), { about: { place: { side: "pod", path: "/pod/x" } } });
    t.match(ask("chmod", `/proc/self/fd/${changed}`, 0o777), { as: "continue" });
    t.match(ask("fchmod", folder, 0o777), { as: "errno", errno: "EROFS" });
    t.match(ask("fchmod", changed, 0o777), { as: "continue" });
    t.match(ask("fchmod", rootDescriptor, 0o777), { as: "errno" }, "the pod's, whatever rules say of /");
    t.match(ask("utimensat", folder, 0n, 0n, 0), { as: "errno", errno: "EROFS" }, "futimens");
    t.match(ask("fchownat", folder, "", 1, 1, AT_EMPTY_PATH), { as: "errno", errno: "EROFS" });
  } finally {
    closeSync(folder);
    closeSync(changed);
  }
});

void t.test(
  "from a folder of the pod the kernel finds a name by itself, where no link may lead away",
  async (t) => {
    const { ask } = fast();
    ask("open", "/pod/folder", 0);
    const folder = openSync(join(root, "pod/folder"), "r");
    const changed = openSync(join(root, "changed"), "r");
    try {
      const kernel = { as: "continue" };
      t.match(ask("newfstatat", folder, "x", 0, AT_SYMLINK_NOFOLLOW), kernel);
      t.match(ask("newfstatat", folder, "x", 0, 0), { as: "later" }, "a link is followed");
      t.match(
        ask("newfstatat", folder, "x/y", 0, AT_SYMLINK_NOFOLLOW),
        { as: "later" },
        "a folder may be a link",
      );
      t.match(ask("newfstatat", folder, "..", 0, AT_SYMLINK_NOFOLLOW), { as: "later" });
      t.match(ask("openat", folder, ".", 0), kernel);
      t.match(ask("openat", folder, "x", O_NOFOLLOW), kernel);
      t.match(ask("openat", folder, "x", O_NOFOLLOW | O_WRONLY), { as: "later" }, "nothing may be changed");
      t.match(ask("openat", changed, "x", O_CREAT | O_EXCL | O_WRONLY), kernel);
      t.match(ask("unlinkat", folder, "x", 0), { as: "later" });
      t.match(ask("unlinkat", changed, "x", 0), kernel);
      t.match(ask("renameat", changed, "x", changed, "y"), kernel);
      t.match(ask("faccessat2", folder, "x", 2, AT_SYMLINK_NOFOLLOW), { as: "later" });
      t.match(ask("faccessat2", folder, "x", 4, AT_SYMLINK_NOFOLLOW), kernel);
      t.match(ask("openat", folder, "../local/x", 0), {
        about: { place: { side: "here", path: "/pod/local/x" } },
      });
      t.match(ask("openat", folder, "../absent", 0), { as: "errno", errno: "ENOENT" });
    } finally {
      closeSync(folder);
      closeSync(changed);
    }
  },
);

void t.test("between the pod and this machine nothing is renamed or linked", async (t) => {
  const { ask } = fast();
  for (const name of ["rename", "link"] as const) {
    t.match(ask(name, "/usr/x", "/usr/y"), { as: "continue" });
    t.match(ask(name, "/usr/x", "/changed/x"), { as: "errno", errno: "EXDEV" });
    t.match(ask(name, "/changed/x", "/usr/x"), { as: "errno", errno: "EXDEV" });
    t.match(ask(name, "/changed/x", "/changed/y"), { as: "later", kind: "pair" });
    t.match(ask(name, "/changed/x", "/pod/absent"), { as: "errno", errno: "ENOENT" });
  }
});

void t.test("open2 is as strict as the kernel, and open is not", async (t) => {
  const { ask } = fast();
  const how = (caller: FakeCaller, flags: bigint, mode = 0n, rest = 0n) => {
    const bytes = Buffer.alloc(32);
    [flags, mode, 0n, rest].forEach((word, index) => bytes.writeBigUInt64LE(word, index * 8));
    return caller.bytes(bytes);
  };
  const handlers = makeFastHandlers({ config: module.config as PathConfig, tell: () => undefined });
  const open = (flags: bigint, mode = 0n, rest = 0n) => {
    const caller = new FakeCaller();
    const call = heldCall("openat2", AT_FDCWD, caller.text("/pod/x"), how(caller, flags, mode, rest), 32);
    return handlers.openat2?.(call, caller);
  };
  t.match(open(0n), { about: { what: "open", flags: 0, mode: 0, resolve: 0 } });
  t.match(open(1n << 40n), { as: "errno", errno: "EINVAL" });
  t.match(open(0n, 0o10000n), { as: "errno", errno: "EINVAL" });
  t.match(open(0n, 0n, 1n), { as: "errno", errno: "E2BIG" });
  t.match(ask("open", "/pod/x", 0o37777777700 | O_WRONLY, 0o777), { as: "later", about: { what: "open" } });
  t.match(ask("open", "/pod/x", 0, 0o777), { about: { mode: 0 } }, "nothing is made");
});

void t.test(
  "openat2(2): a path that may not leave its folder begins there, whatever it begins with",
  async (t) => {
    const handlers = makeFastHandlers({ config: module.config as PathConfig, tell: () => undefined });
    const open = (path: string, resolve: bigint) => {
      const how = Buffer.alloc(24);
      how.writeBigUInt64LE(resolve, 16);
      const caller = new FakeCaller();
      const call = heldCall("openat2", AT_FDCWD, caller.text(path), caller.bytes(how), 24);
      return handlers.openat2?.(call, caller);
    };
    const [BENEATH, IN_ROOT] = [0x08n, 0x10n];
    t.match(open("/pod/x", 0n), { about: { place: { side: "pod", path: "/pod/x" } } });
    t.match(open("/pod/x", BENEATH), { as: "continue" }, "the kernel refuses it (EXDEV)");
    // This process stands in no folder of the pod.
    t.match(open("/pod/x", IN_ROOT), { as: "continue" }, "it is of the working directory");
  },
);

void t.test("a script is not run by an interpreter that is another one by the rules", async (t) => {
  const { ask } = fast();
  const run = (first: string) => {
    const path = join(root, "script");
    writeFileSync(path, `${first}\necho\n`);
    return ask("execve", path);
  };
  t.match(run("#!/bin/sh -e"), { as: "continue" });
  t.match(run("#! /pod/python -x"), {
    about: { what: "execute", place: { side: "pod", path: "/pod/python" } },
  });
  t.match(run("#!/pod/absent"), { as: "errno", errno: "ENOENT" });
  t.match(run("no script"), { as: "continue" });
  t.match(ask("execve", join(root, "none")), { as: "continue" });
});

void t.test("what would go past all this is refused", async (t) => {
  const { ask, told } = fast();
  t.match(ask("io_uring_setup", 8, 0), { as: "errno", errno: "ENOSYS" });
  t.match(ask("chroot", "/usr"), { as: "errno", errno: "EPERM" });
  t.same(told, ["chroot"]);
});
