import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t, { type Test } from "tap";
import { ClientError } from "../../../src/client/errors.ts";
import { OwnSessions, proofOf } from "../../../src/client/own-sessions/index.ts";
import { ownDirectoryOf } from "../../../src/client/own-sessions/private-directory.ts";
import { processBirth } from "../../../src/client/process/index.ts";
import { ownNetnsInode, type ResolvedTarget } from "../../../src/client/target/index.ts";

const uid = process.geteuid?.() ?? 0;

const mine = {
  session: "7f3a0001",
  key: "secret",
  targetLabel: `pid:${process.pid}`,
  cluster: {},
  targetKey: String(ownNetnsInode()),
  name: "a test",
  ports: [80],
  mode: "steal",
  outlivesPorts: false,
} as const;

/** A place of its own for each test, gone with it. */
function place(t: Test): { runtime: string; directory: string; own: OwnSessions } {
  const runtime = mkdtempSync(join(tmpdir(), "magpie-own-"));
  t.teardown(() => rmSync(runtime, { recursive: true, force: true }));
  const own = new OwnSessions({ environment: { MAGPIE_RUNTIME_DIR: runtime } });
  return { runtime, directory: join(runtime, `own-${uid}`), own };
}

function codeOf(act: () => unknown): string {
  try {
    act();
    return "nothing";
  } catch (error) {
    return error instanceof ClientError ? error.code : String(error);
  }
}

/** A record as another process would have left it. */
function leave(directory: string, record: object, options: { mode?: number; name?: string } = {}): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const { mode = 0o600, name = "1-left.json" } = options;
  writeFileSync(join(directory, name), JSON.stringify(record));
  chmodSync(join(directory, name), mode);
}

void t.test("a session is found while it lives, by nobody but its user, and not after it", async (t) => {
  const { directory, own } = place(t);
  t.same(own.list(), []);
  {
    await using stack = new AsyncDisposableStack();
    stack.use(own.remember(mine));
    const [found] = own.list();
    t.match(found, { ...mine, pid: process.pid, startTime: processBirth(process.pid) });
    t.same(found === undefined ? undefined : proofOf(found), { session: "7f3a0001", key: "secret" });
    t.equal(statSync(directory).mode & 0o777, 0o700);
    const [file = ""] = readdirSync(directory);
    t.equal(statSync(join(directory, file)).mode & 0o777, 0o600);
    t.equal(own.of({ key: String(ownNetnsInode()) }).length, 1);
    t.equal(own.of({ key: "1" }).length, 0);
    t.equal(own.onlyTarget().label, mine.targetLabel);
  }
  t.same(own.list(), []);
  t.same(readdirSync(directory), []);
});

void t.test("what a dead process left is swept, also when its number is in use again", async (t) => {
  const { directory, own } = place(t);
  const child = spawn("sleep", ["60"]);
  await once(child, "spawn");
  const pid = child.pid ?? 0;
  const startTime = processBirth(pid);
  leave(directory, { ...mine, pid, startTime, since: 1 }, { name: "1-dead.json" });
  leave(directory, { ...mine, pid: process.pid, startTime: 1, since: 2 }, { name: "1-reused.json" });
  t.match(own.list(), [{ pid }], "the living one alone");
  child.kill("SIGKILL");
  await once(child, "exit");
  t.same(own.list(), []);
  t.same(readdirSync(directory), []);
});

void t.test("the next session removes what killed ones left, whole or just begun", async (t) => {
  const { directory, own } = place(t);
  const dead = spawn(process.execPath, ["-e", ""]);
  await once(dead, "exit");
  leave(directory, { ...mine, pid: dead.pid, startTime: 1, since: 1 });
  leave(directory, {}, { name: `1-left.json.${dead.pid}` });
  leave(directory, {}, { name: `1-begun.json.${process.pid}` });
  using session = own.remember(mine);
  t.ok(session);
  t.same(
    readdirSync(directory).toSorted(),
    [`${mine.targetKey}-7f3a0001.json`, `1-begun.json.${process.pid}`].toSorted(),
  );
});

void t.test("a directory that others may open, or that is a link, is not trusted", async (t) => {
  const { runtime, directory, own } = place(t);
  mkdirSync(directory);
  chmodSync(directory, 0o755);
  t.equal(
    codeOf(() => own.list()),
    "local-data",
  );
  t.equal(
    codeOf(() => own.remember(mine)),
    "local-data",
  );
  rmSync(directory, { recursive: true });
  mkdirSync(join(runtime, "elsewhere"), { mode: 0o700 });
  symlinkSync(join(runtime, "elsewhere"), directory);
  t.equal(
    codeOf(() => own.remember(mine)),
    "local-data",
  );
  t.same(readdirSync(join(runtime, "elsewhere")), []);
});

void t.test("files that are open to others, links, pipes, too long or garbage are left out", async (t) => {
  const { runtime, directory, own } = place(t);
  const record = { ...mine, pid: process.pid, startTime: processBirth(process.pid), since: 1 };
  leave(directory, record, { mode: 0o644, name: "1-open.json" });
  leave(directory, { ...record, name: "x".repeat(20_000) }, { name: "1-long.json" });
  leave(directory, { ...record, session: "../../etc/passwd" }, { name: "1-name.json" });
  for (const field of ["key", "pid", "startTime", "ports", "mode", "targetKey", "since"])
    leave(directory, { ...record, [field]: {} }, { name: `1-${field}.json` });
  leave(runtime, record, { name: "target.json" });
  symlinkSync(join(runtime, "target.json"), join(directory, "1-link.json"));
  mkdirSync(join(directory, "1-directory.json"));
  await once(spawn("mkfifo", ["-m", "600", join(directory, "1-pipe.json")]), "exit");
  t.same(own.list(), []);
  leave(directory, record, { name: "1-good.json" });
  t.equal(own.list().length, 1, "the record itself would do");
});

void t.test(
  "a file of another user is left out",
  { skip: uid !== 0 && "only root can make one" },
  async (t) => {
    const { directory, own } = place(t);
    leave(directory, { ...mine, pid: process.pid, startTime: processBirth(process.pid), since: 1 });
    await once(spawn("chown", ["1234", join(directory, "1-left.json")]), "exit");
    t.same(own.list(), []);
  },
);

void t.test("a session's name never leads out of the directory", async (t) => {
  const { own } = place(t);
  for (const session of ["../x", "", "a/b", "x".repeat(65)])
    t.equal(
      codeOf(() => own.remember({ ...mine, session })),
      "local-data",
    );
});

void t.test("which session is meant is said, or clear, or asked for with the list of all", async (t) => {
  const { own } = place(t);
  t.equal(
    codeOf(() => own.choose()),
    "no-own-session",
  );
  t.equal(
    codeOf(() => own.onlyTarget()),
    "usage",
  );
  await using stack = new AsyncDisposableStack();
  stack.use(own.remember(mine));
  t.equal(own.choose().session, mine.session);
  stack.use(own.remember({ ...mine, session: "22220002", targetKey: "1", targetLabel: "netns:other" }));
  t.equal(
    codeOf(() => own.choose()),
    "usage",
  );
  t.throws(() => own.choose(), { message: /^2 sessions of yours/, hint: /22220002.*netns:other/ });
  t.throws(() => own.onlyTarget(), { message: /netns:other/ });
  t.equal(own.choose({ session: "22220002" }).targetLabel, "netns:other");
  t.throws(() => own.choose({ session: "abcd" }), { code: "no-own-session", hint: /Yours: .*7f3a0001/ });
});

void t.test("the directory is the user's own, wherever the environment leads", async (t) => {
  const { runtime } = place(t);
  const session = { XDG_RUNTIME_DIR: runtime };
  t.equal(ownDirectoryOf(session, uid), join(runtime, "magpie"));
  t.equal(ownDirectoryOf({ ...session, MAGPIE_RUNTIME_DIR: "/x" }, uid), `/x/own-${uid}`);
  chmodSync(runtime, 0o755);
  t.equal(ownDirectoryOf(session, 0), "/run/magpie/own-0", "what others may open is passed by");
  chmodSync(runtime, 0o700);
  t.equal(ownDirectoryOf({ ...session, XDG_STATE_HOME: "/s" }, uid + 1), "/s/magpie/own", "and another's");
});

void t.test("the sessions of one command with the members of its target are one to choose", async (t) => {
  const { own } = place(t);
  const whole = { label: "deployment/web", key: "k8s-web" };
  const ofPod = (member: string, session: string) =>
    own.remember({
      ...mine,
      session,
      targetLabel: `pod/${member}`,
      targetKey: `k8s-${member}`,
      whole,
      member,
    });
  using first = ofPod("web-a", "7f3a0001");
  using second = ofPod("web-b", "7f3a0002");
  for (const one of [first, second]) one.addPort(80);
  const target = { label: "deployment/web", key: "k8s-web", site: {} } as unknown as ResolvedTarget; // Asked for nothing else.
  t.equal(own.of(target).length, 2, "they are found by the whole");
  t.equal(own.of({ key: "k8s-web-b" })[0]?.session, "7f3a0002", "and by the member");
  t.equal(own.choose().session, "7f3a0001", "nobody has to say which");
  t.same(
    own.chooseAll({ session: "7f3a0002" }).map(({ member }) => member),
    ["web-b", "web-a"],
    "one stands for all",
  );
  using other = own.remember({ ...mine, session: "7f3a0003" });
  other.addPort(80);
  const error = t.throws(() => own.choose(), { code: "usage", message: /^2 sessions of yours/ });
  t.match(
    error instanceof ClientError ? error.hint : "",
    /7f3a0001 \(steal of port 80, 2 of deployment\/web\)/,
  );
});
