import { connect } from "node:net";
import { chmodSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import t from "tap";
import type { ListeningPort } from "../../../../src/client/sandbox/sandbox.ts";
import { isAlive, Proc } from "../../../fixtures/proc.ts";
import { until } from "../../../fixtures/until.ts";

const fixture = (name: string): string =>
  fileURLToPath(new URL(`../../../fixtures/${name}`, import.meta.url));
/** Nobody's number: it needs no entry in the list of users. */
const ORDINARY = 61_234;
const asOrdinary = ["setpriv", `--reuid=${ORDINARY}`, `--regid=${ORDINARY}`, "--clear-groups"] as const;
const users = [
  { who: "root", id: 0, as: ["env"] },
  { who: "an ordinary user", id: ORDINARY, as: asOrdinary },
] as const;
/** What they compile is kept, for all of them: most of their time is that. */
const compiled = mkdtempSync(join(tmpdir(), "magpie-compiled-"));
chmodSync(compiled, 0o777);
t.teardown(() => rmSync(compiled, { recursive: true, force: true }));
/** The test's own options would have every Node among them write where only root may. */
const nodeSettings = { NODE_OPTIONS: "", NODE_COMPILE_CACHE: compiled };
const acting = [process.execPath, fixture("namespace-program.ts")];

/** A program in a namespace, and what its host has told so far. */
class Stage implements AsyncDisposable {
  readonly host: Proc;
  readonly program: number;

  static async open(
    as: readonly [string, ...string[]],
    program: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<Stage> {
    const [first, ...rest] = as;
    const host = await Proc.start({
      command: [first, ...rest, process.execPath, fixture("namespace-host.ts"), ...program],
      cwd: "/usr",
      env: { ...nodeSettings, ...env },
    });
    try {
      const [, pid = ""] = await host.line(/^\{"program":(\d+)\}$/);
      return new Stage(host, Number(pid));
    } catch (error) {
      await host.kill();
      throw error;
    }
  }

  private constructor(host: Proc, program: number) {
    this.host = host;
    this.program = program;
  }

  /** All that was told of one kind. */
  told(kind: string): unknown[] {
    return this.host.stderr.filter((line) => line.startsWith(`{"${kind}":`)).map((line) => read(line)[kind]);
  }

  /** What came of the program's acts, when it has ended. */
  async outcome(): Promise<Record<string, unknown>> {
    const { code } = await this.host.exited;
    if (code !== 0) throw new Error(this.host.output());
    return Object.assign({}, ...this.host.stdout.map(read)) as Record<string, unknown>; // Of records.
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.host.kill();
  }
}

/** Both fixtures write records. */
function read(line: string): Record<string, unknown> {
  return JSON.parse(line) as Record<string, unknown>;
}

/** Processes in the network namespace of another one, itself among them; none while that is still in ours. */
function companions(pid: number): number[] {
  const networkOf = (of: number): string | undefined => {
    try {
      return readlinkSync(`/proc/${of}/ns/net`);
    } catch {
      return undefined; // It is gone.
    }
  };
  const network = networkOf(pid);
  if (network === networkOf(process.pid)) return [];
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((other) => network !== undefined && networkOf(other) === network);
}

/** What is answered to a question by whoever listens on a port of this machine. */
function ask(host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port }, () => socket.write("question"));
    socket.on("error", reject).on("data", (bytes: Buffer) => {
      socket.destroy();
      resolve(bytes.toString());
    });
  });
}

/** Begun first, since it takes its time, and most of it is waiting. */
const patient = Stage.open(["env"], [...acting, "again", "giveUp", "slowly", "stay"]);

for (const { who, id, as } of users) {
  void t.test(`${who}'s program talks as from its pod`, async (t) => {
    await using stage = await Stage.open(as, [
      ...acting,
      "identity",
      "ownListener",
      "connects",
      "unreachable",
      "datagrams",
    ]);
    const { identity, ownListener, connects, unreachable, datagrams } = await stage.outcome();

    await t.test("it keeps its ids and its directory, and has the pod's name and addresses", async (t) => {
      t.match(identity, { uid: id, gid: id, directory: "/usr", hostname: "pod-1" });
      t.match(identity, { addresses: ["10.88.0.5", "fd88::5"] });
      if (id !== 0) t.match(identity, { capabilities: "0000000000000000" });
    });

    await t.test("its own listener comes first, on the address that it has bound", async (t) => {
      t.same(ownListener, [
        "127.0.0.1:8080 127.0.0.1 own",
        "10.88.0.5:8080 10.88.0.5 10.88.0.5:8080 question",
      ]);
    });

    await t.test(
      "connect(2): the far end's errno at connect, the far end's bytes, half-close kept",
      async (t) => {
        const own = { "9.9.9.9": "10.88.0.5", "10.88.0.5": "10.88.0.5", "127.0.0.1": "127.0.0.1" };
        const own6 = { "2001:db8::1": "fd88::5", "fd88::5": "fd88::5", "::1": "::1" };
        const expected = Object.entries({ ...own, ...own6 }).flatMap(([host, source]) => [
          `${host}:80 ${source} ${host}:80 question`,
          `${host}:81 ECONNREFUSED`,
          `${host}:82 EHOSTUNREACH`,
          `${host}:83 ENETUNREACH`,
        ]);
        t.same(connects, expected);
        t.equal(stage.told("dialled").length, expected.length + 1, "each was dialled once");
      },
    );

    await t.test("udp(7): answers come from whom they are, and errors to connected sockets", async (t) => {
      const expected = ["9.9.9.9", "127.0.0.1", "2001:db8::1", "::1"].flatMap((host) => [
        [`${host}:53 says ${host}:53 connected 8`],
        [`${host}:53 says ${host}:53 not 65000`],
        [`${host}:9 ECONNREFUSED`],
        [`${host}:7 says ${host}:7 not 8`, `${host}:7777 says from another port`],
      ]);
      t.same(datagrams, expected);
      t.same(unreachable, [["9.9.9.9:10 ENETUNREACH"], ["9.9.9.9:11 EHOSTUNREACH"]]);
      t.equal(stage.told("flow").filter((what) => what === "closed").length, 18, "nothing of it is left");
    });
  });

  void t.test(`a listener of ${who}'s program is published, reached from the pod, and closed`, async (t) => {
    // An ordinary user may listen on :80 inside, and not outside. As root both are possible, and :80 is others'.
    const wanted = id === 0 ? 0 : 80;
    await using stage = await Stage.open(as, [...acting, "serve"], { PORT: `${wanted}` });
    await stage.host.line(/"listening"/);
    const [{ port, hostPort } = { port: 0, hostPort: 0 }] = stage.told("listening") as ListeningPort[]; // The event's.
    if (wanted !== 0) t.equal(port, wanted);
    for (const host of ["127.0.0.1", "::1"])
      t.equal(await ask(host, hostPort), "::ffff:127.0.0.1 says question");
    stage.host.write(`dial ${port}\n`);
    await stage.host.line(/"dialledIn":"::ffff:127\.0\.0\.1 says question"/);
    process.kill(stage.program, "SIGUSR2");
    await stage.host.line(new RegExp(`\\{"closed":${port}\\}`));
    stage.host.write(`dial ${port}\n`);
    await stage.host.line(/"dialledIn":"ECONNREFUSED"/);
    await t.rejects(ask("127.0.0.1", hostPort), { code: "ECONNREFUSED" });
  });

  void t.test(`nothing is left of ${who}'s program when magpie is killed`, async (t) => {
    await using stage = await Stage.open(as, ["sh", "-c", "sleep 60 & sleep 60"]);
    await until(() => companions(stage.program).length === 4, {
      what: "the keeper, a shell and its children",
    });
    const inside = companions(stage.program);
    await stage.host.kill();
    await until(() => !inside.some(isAlive), { what: "all of them to be gone" });
    t.pass();
  });
}

void t.test(
  "a first packet that is sent again is not dialled again, and one that nobody waits for is given up",
  async (t) => {
    await using stage = await patient;
    await stage.host.line(/"slowly":/);
    const dialled = stage.told("dialled");
    const count = (of: string): number => dialled.filter((other) => other === of).length;
    t.equal(count("9.9.9.9:86"), 1, "though it took more than a second, after which it was sent again");
    t.match(read(stage.host.stdout.find((line) => line.startsWith('{"slowly"')) ?? "{}"), {
      slowly: "9.9.9.9:86 10.88.0.5 9.9.9.9:86 question",
    });
    t.equal(count("9.9.9.8:87"), 2, "another connection of the same ends is another one");
    await stage.host.line(/\{"aborted":"9\.9\.9\.8:87"\}/);
    await stage.host.line(/\{"aborted":"9\.9\.9\.9:87"\}/);
  },
);

void t.test(
  "when its keeper is killed the program goes on, its connections too, and it is said",
  async (t) => {
    await using stage = await Stage.open(["env"], [...acting, "slowly"]);
    await until(() => companions(stage.program).length === 2, { what: "the program to be inside" });
    for (const pid of companions(stage.program)) if (pid !== stage.program) process.kill(pid, "SIGKILL");
    await stage.host.line(/"notice":"the process that keeps the program's network namespace is gone/);
    t.match(await stage.outcome(), { slowly: "9.9.9.9:86 10.88.0.5 9.9.9.9:86 question" });
  },
);

void t.test("what makes a namespace impossible is said before anything is left behind", async (t) => {
  const host = [process.execPath, fixture("namespace-host.ts"), "true"];
  const without = (...command: [string, ...string[]]): Promise<Proc> =>
    Proc.start({ command, env: nodeSettings });
  await using powerless = await without(
    "setpriv",
    "--bounding-set=-sys_admin",
    "--inh-caps=-sys_admin",
    ...host,
  );
  // The innermost of two user namespaces, whose bound is zero: its user may make no further one.
  const inner =
    'echo 0 >/proc/sys/user/max_user_namespaces; exec setpriv --ambient-caps=-all --inh-caps=-all "$@"';
  const nested = ["unshare", "--user", "--map-current-user", "--keep-caps", "sh", "-c", inner, "sh"];
  await using forbidden = await without(...asOrdinary, ...nested, ...host);
  await using missing = await without("env", "PATH=/nonexistent", ...host);
  // A kernel without what the rules need: nft says so.
  const directory = t.testdir({
    nft: "#!/bin/sh\necho 'Error: Could not process rule: No such file or directory' >&2\nexit 1\n",
  });
  chmodSync(`${directory}/nft`, 0o755);
  await using lacking = await without("env", `PATH=${directory}:${process.env.PATH}`, ...host);
  await lacking.line(/cannot be made: Error: Could not process rule: No such file or directory/);
  await powerless.line(/takes CAP_SYS_ADMIN, CAP_NET_ADMIN and CAP_NET_RAW, which root lacks here/);
  await forbidden.line(/user\.max_user_namespaces is 0/);
  await missing.line(/takes unshare, nsenter/);
  for (const refused of [powerless, forbidden, missing, lacking]) t.equal((await refused.exited).code, 1);
});
