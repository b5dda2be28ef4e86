import { appendFileSync, readdirSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import t from "tap";
import { Cluster } from "../fixtures/cluster.ts";
import { beginMagpie, eventsOf, runMagpie } from "../fixtures/magpie-command.ts";
import { RuntimeDirectory } from "../fixtures/magpie-steal.ts";
import { isAlive, type Proc } from "../fixtures/proc.ts";
import { until } from "../fixtures/until.ts";

// One cluster for all tests: a pod with an app on port 8080, whose place is taken, another one that it talks to, and callers.
const stage = new AsyncDisposableStack();
t.teardown(() => stage.disposeAsync());
const runtimeDirectory = stage.use(await RuntimeDirectory.create());
const cluster = stage.use(
  await Cluster.create({
    label: "exec",
    pods: [
      { name: "client", number: 2 },
      { name: "app", number: 10, files: { "/etc/app/app.conf": "greeting=hello\n", "/etc/app/b": "" } },
      { name: "other", number: 11 },
    ],
  }),
);
const [client, app, other] = (["client", "app", "other"] as const).map((name) => cluster.pod(name));
if (client === undefined || app === undefined || other === undefined) throw new Error("there are three");
const serve = (who: string, port: number) =>
  `require("node:http").createServer((q, r) => r.end("${who}\\n")).listen(${port}, () => console.log("up"))`;
for (const [pod, script] of [
  [app, serve("the app", 8080)],
  [other, serve("the other", 80)],
] as const) {
  const proc = stage.use(
    await pod.start([process.execPath, "-e", script], { REGION: "north", BYTES: "\u00e9" }),
  );
  await proc.line(/^up$/);
}

/** A small machine that has much to do takes its time to start three programs of Node. */
const patienceMs = 45_000;
const target = ["--target", `netns:${app.name}`] as const;
const sandboxes = ["namespace", "seccomp"] as const;
const all = [...sandboxes, "off"] as const;

function exec(...args: string[]): Promise<Proc> {
  return beginMagpie(runtimeDirectory, ["exec", ...target, ...args]);
}

async function ran(...args: string[]) {
  return await runMagpie(runtimeDirectory, ["exec", ...target, ...args]);
}

/** Who answered a request to a port of the pod, or curl's exit code. */
async function ask(port: number, ...flags: string[]): Promise<string> {
  const url = `http://${app?.address4}:${port}/`;
  const { code, stdout } = (await client?.run("curl", "-sS", "-m", "5", ...flags, url)) ?? {
    code: -1,
    stdout: "",
  };
  return code === 0 ? stdout.trim() : `curl ${code}`;
}

async function answered(by: string, port: number, proc: Proc, ...flags: string[]): Promise<void> {
  await until(async () => (await ask(port, ...flags)) === by, {
    what: `an answer of ${by}\n${proc.output()}`,
    timeoutMs: patienceMs,
  });
}

const look = `
import errno, json, os, socket
def fails(act):
    try:
        act()
        return "nothing"
    except OSError as error:
        return errno.errorcode.get(error.errno, str(error))
def get(host, port):
    with socket.create_connection((host, port), 5) as s:
        s.sendall(b"GET / HTTP/1.0\\r\\n\\r\\n")
        return s.makefile().read().split("\\n")[-2]
print(json.dumps({
    "region": os.environ.get("REGION"), "home": os.environ.get("HOME"), "bytes": os.environb[b"BYTES"].hex(),
    "file": open("/etc/app/app.conf").read(), "list": sorted(os.listdir("/etc/app")),
    "absent": fails(lambda: open("/etc/app/none")), "written": fails(lambda: open("/etc/app/b", "w")),
    "host": [socket.gethostname(), os.uname().nodename, os.environ.get("HOSTNAME")],
    "name": socket.gethostbyname("other"), "by name": get("other", 80), "localhost": get("127.0.0.1", 8080),
    "refused": fails(lambda: socket.create_connection(("other", 81), 5)),
}))`;

void t.test("a program sees the pod's variables, files, names and network, in either sandbox", async (t) => {
  const results = await Promise.all(
    sandboxes.map((kind) => ran("--sandbox", kind, "--", "python3", "-c", look)),
  );
  for (const [index, { code, text, errors }] of results.entries()) {
    const kind = sandboxes[index] ?? "";
    t.equal(code, 0, `${kind}: ${errors}`);
    t.same(
      JSON.parse(text),
      {
        ...{ region: "north", home: process.env["HOME"], bytes: "c3a9" },
        ...{ file: "greeting=hello\n", list: ["app.conf", "b"], absent: "ENOENT", written: "EROFS" },
        host: ["app", "app", "app"],
        ...{ name: other.address4, "by name": "the other", localhost: "the app", refused: "ECONNREFUSED" },
      },
      kind,
    );
    t.match(errors, new RegExp(`^magpie {2}sandbox ${kind}: it was asked for$`, "m"));
    t.match(errors, /^magpie {2}environment of process \d+ \(node\): it is the only one that listens/m);
    t.equal(errors.split("\n").length, 2, "nothing else is said");
  }
});

void t.test("what changes in the pod's hosts file is seen by a program that runs", async (t) => {
  const script = "getent hosts late; echo up; while read line; do getent hosts late || echo none; done";
  await using proc = await exec("--sandbox", "seccomp", "--", "sh", "-c", script);
  await proc.line(/^up$/, { timeoutMs: patienceMs });
  t.same(proc.stdout, ["up"]);
  appendFileSync(join(app.directory, "etc/hosts"), `${other.address4} late\n`);
  const looked = async (): Promise<boolean> => {
    const before = proc.stdout.length;
    proc.write("look\n");
    await until(() => proc.stdout.length > before, { what: "another look", timeoutMs: patienceMs });
    return proc.stdout.at(-1) !== "none";
  };
  await until(looked, { what: "the new name to be known", timeoutMs: patienceMs });
  t.match(proc.stdout.at(-1), `${other.address4} `);
});

void t.test("stdin, stdout, exit code and deadly signal are the program's", async (t) => {
  const script = 'read line; echo "got $line"; [ "$line" = die ] && kill -USR1 $$; exit 7';
  const lines = { namespace: "die", seccomp: "live", off: "die" } as const;
  await Promise.all(
    all.map(async (kind) => {
      await using proc = await exec("--sandbox", kind, "--", "sh", "-c", script);
      proc.write(`${lines[kind]}\n`);
      const died = { code: null, signal: "SIGUSR1" };
      t.same(await proc.exited, lines[kind] === "die" ? died : { code: 7, signal: null }, kind);
      t.same(proc.stdout, [`got ${lines[kind]}`]);
    }),
  );
});

void t.test(
  "a port that the program opens has what the filter takes, under another number too",
  async (t) => {
    await Promise.all(
      sandboxes.map(async (kind, index) => {
        // A low port, and for a port that is the app's own. Where a namespace publishes its 80, the other cannot have it.
        const [remote, own] = index === 0 ? [8080, 80] : [8090, 81];
        const flags = ["--sandbox", kind, "--port", `${remote}:${own}`, "--header", "x-user: alice"];
        await using proc = await exec(
          ...flags,
          "--output",
          "json",
          "--",
          process.execPath,
          "-e",
          serve(kind, own),
        );
        const alice = ["-H", "x-user: alice"];
        await answered(kind, remote, proc, ...alice);
        t.match(await ask(remote), remote === 8080 ? "the app" : /^curl/, "others are the app's");
        const [opened] = eventsOf(proc.output(), "port");
        t.match(opened, {
          program: own,
          requests: { remote, mode: "steal", filter: { header: "x-user: alice" } },
        });
        const { host } = opened as unknown as { host: { address: string; port: number } }; // As documented.
        const here = await fetch(`http://${host.address}:${host.port}/`);
        t.equal((await here.text()).trim(), kind, "it is reached from this machine, too");
        proc.signal("SIGTERM");
        t.same(await proc.exited, { code: null, signal: "SIGTERM" });
      }),
    );
  },
);

void t.test("without a filter the program has copies, and the app answers", async (t) => {
  const script = `require("node:http").createServer((q, r) => { console.log("copy of " + q.url); r.end() }).listen(8080)`;
  await using proc = await exec("--", process.execPath, "-e", script);
  await proc.line(/mirroring every request of \S+ port 8080 → your port 8080/, { timeoutMs: patienceMs });
  t.equal(await ask(8080), "the app");
  await proc.line(/^copy of \/$/, { timeoutMs: patienceMs });
});

void t.test(
  "other commands find its session, and a port that is given back leaves the program alone",
  async (t) => {
    await using proc = await exec("--steal", "--", process.execPath, "-e", serve("the desk", 8080));
    await answered("the desk", 8080, proc);
    await using second = await exec("--steal", "--", process.execPath, "-e", serve("another desk", 8080));
    await second.line(/port 8080 is refused: .*; the program runs on without it/, { timeoutMs: patienceMs });
    const own = (...args: string[]) => runMagpie(runtimeDirectory, args);
    const sessions = await own("sessions", ...target);
    t.match(sessions.text, /\* +\S+ +8080 +steal/);
    const [, session = ""] = /^([0-9a-f]+) \* +\S+ +8080 +steal/m.exec(sessions.text) ?? [];
    t.match((await own("filter", "set", "--session", session, "--header", "x-user: bob")).text, /port 8080/);
    t.equal(await ask(8080), "the app");
    t.equal(await ask(8080, "-H", "x-user: bob"), "the desk");
    t.match((await own("release", session)).text, /its program runs on/);
    t.equal(await ask(8080, "-H", "x-user: bob"), "the app");
    t.ok(proc.running);
  },
);

void t.test("when it does not listen any more the app answers, and again when it does", async () => {
  const script = `${serve("the desk", 8080).replace("require", "const s = require")};
    setInterval(() => {}, 60_000); process.on("SIGUSR2", () => (s.listening ? (s.close(), s.closeAllConnections()) : s.listen(8080)));`;
  await using proc = await exec("--steal", "--", process.execPath, "-e", script);
  await answered("the desk", 8080, proc);
  proc.signal("SIGUSR2");
  await answered("the app", 8080, proc);
  proc.signal("SIGUSR2");
  await answered("the desk", 8080, proc);
});

void t.test("nothing is left when magpie is killed, and the app answers", async () => {
  await Promise.all(
    sandboxes.map(async (kind, index) => {
      const port = 8100 + index;
      const program = `${serve(kind, port)}; console.log("pid", process.pid)`;
      await using proc = await exec("--sandbox", kind, "--steal", "--", process.execPath, "-e", program);
      const [, pid = "0"] = await proc.line(/^pid (\d+)$/, { timeoutMs: patienceMs });
      await answered(kind, port, proc);
      await proc.kill();
      await until(() => !isAlive(Number(pid)), { what: "the program to end", timeoutMs: patienceMs });
      await until(async () => (await ask(port)) === "curl 7", {
        what: "the port to be given back",
        timeoutMs: patienceMs,
      });
    }),
  );
  await until(async () => (await app.pids()).length === 1, {
    what: "the agent to leave",
    timeoutMs: patienceMs,
  });
});

void t.test(
  "a lost session ends the program, or is followed by another one that it goes on with",
  async (t) => {
    const look = `require("readline").createInterface(process.stdin).on("line", () => {
    const file = (() => { try { return fs.readFileSync("/etc/app/app.conf", "utf8").trim() } catch (e) { return e.code } })();
    require("http").get("http://other/", (r) => r.on("data", (d) => console.log(file, String(d).trim())))
      .on("error", (e) => console.log(file, e.code));
  })`;
    await using ending = await exec("--sandbox", "seccomp", "--", process.execPath, "-e", look);
    await using going = await exec("--on-lost", "rejoin", "--", process.execPath, "-e", look);
    for (const proc of [ending, going]) {
      proc.write("look\n");
      await proc.line(/^greeting=hello the other$/, { timeoutMs: patienceMs });
    }
    const agent = (await app.pids()).find((pid) =>
      readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("magpie-agent"),
    );
    process.kill(agent ?? 0, "SIGKILL");
    t.same(await ending.exited, { code: 1, signal: null });
    t.match(
      ending.output(),
      /is gone; its rules went with it; the app answers everything; the program is ended/,
    );
    await going.line(/joined again after/, { timeoutMs: patienceMs });
    const before = going.stdout.length;
    going.write("look\n");
    await until(() => going.stdout.length > before, { what: "another look", timeoutMs: patienceMs });
    t.equal(going.stdout.at(-1), "greeting=hello the other");
  },
);

void t.test("what is wrong here is told before anything is started", async (t) => {
  await using untouched = await RuntimeDirectory.create();
  const { code, errors } = await runMagpie(untouched, [
    "exec",
    ...target,
    "--file",
    "sometimes:/etc",
    "--outgoing",
    "perhaps:x",
    "--",
    "no-such-program",
  ]);
  t.equal(code, 2);
  for (const what of [/"no-such-program" was not found/, /sometimes/, /perhaps/]) t.match(errors, what);
  t.same(readdirSync(untouched.path), [], "no agent was started");
});

void t.test(
  "without a sandbox the program has its environment and requests, and this machine's network",
  async (t) => {
    const server: Server = createServer((socket) => socket.end("this machine\n")).listen(0, "127.0.0.1");
    await once(server, "listening");
    t.teardown(() => server.close());
    const { port } = server.address() as { port: number }; // A TCP server's.
    const ask = `require("node:net").connect(${port}, "127.0.0.1").on("data", (d) => console.log(process.env.REGION, String(d)))`;
    const { code, text, errors } = await ran("--sandbox", "off", "--", process.execPath, "-e", ask);
    t.equal(code, 0, errors);
    t.match(text, /^north this machine$/m);
  },
);
