import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import t, { type Test } from "tap";
import { type CliResult, runCli } from "../client/cli/run-cli.ts";
import { HttpApp } from "../fixtures/http-app.ts";
import { Load, type LoadOutcome } from "../fixtures/load.ts";
import { MagpieSteal, RuntimeDirectory } from "../fixtures/magpie-steal.ts";
import { createNamespaces } from "../fixtures/namespaces.ts";
import { isAlive } from "../fixtures/proc.ts";
import { until } from "../fixtures/until.ts";

// One pod with an app on port 80, and the programs of two developers, for all tests.
const stage = new AsyncDisposableStack();
t.teardown(() => stage.disposeAsync());
const runtimeDirectory = stage.use(await RuntimeDirectory.create());
const { pod, client } = stage.use(await createNamespaces({ label: "shared" }));
stage.use(await HttpApp.start({ name: "original", namespace: pod, port: 80 }));
const alices = stage.use(await HttpApp.start({ name: "alice", host: "127.0.0.1" }));
const bobs = stage.use(await HttpApp.start({ name: "bob", host: "127.0.0.1" }));

const asAlice = ["--header", "^x-user: alice$"] as const;
const target = ["--target", `netns:${pod.name}`] as const;

function steal(who: "alice" | "bob", ...args: string[]): Promise<MagpieSteal> {
  const { port } = who === "alice" ? alices : bobs;
  const ports = args.includes("--port") ? [] : ["--port", `80:${port}`];
  const timeoutMs = 30_000;
  return MagpieSteal.start({ pod, runtimeDirectory, args: ["--name", who, ...ports, ...args], timeoutMs });
}

function magpie(...args: string[]): Promise<CliResult> {
  return runCli(args, { MAGPIE_RUNTIME_DIR: runtimeDirectory.path });
}

/** Who answered, or curl's exit code. */
async function ask(path: string, ...flags: string[]): Promise<string> {
  const url = `http://${pod.address4}${path}`;
  const format = ["-sS", "-o", "/dev/null", "-w", "%header{x-served-by}"] as const;
  const { code, stdout } = await client.run("curl", ...format, ...flags, url);
  return code === 0 ? stdout : `curl ${code}`;
}

/** Requests of alice's user and of bob's team at once, which either may have. */
function load(count?: number): Promise<Load> {
  const plan = { host: pod.address4, port: 80, connections: 10, ratePerSecond: 400 };
  const headers = { "x-user": "alice", "x-team": "shop" };
  return Load.start({ namespace: client, ...plan, headers, ...(count !== undefined && { count }) });
}

/** How many each of them answered; nothing may have failed. */
function answered(t: Test, outcomes: readonly LoadOutcome[]): Record<string, number> {
  t.same(
    outcomes.filter(({ status, errorCode }) => status !== 200 || errorCode !== undefined).slice(0, 3),
    [],
  );
  const counts: Record<string, number> = {};
  for (const { who = "nobody" } of outcomes) counts[who] = (counts[who] ?? 0) + 1;
  return counts;
}

interface Listed {
  readonly sessions: readonly {
    readonly id: string;
    readonly name: string;
    readonly own: boolean;
    readonly subscriptions: readonly Record<string, unknown>[];
  }[];
}

async function sessions(): Promise<Listed["sessions"]> {
  const { stdout } = await magpie("sessions", ...target, "--output", "json");
  return (JSON.parse(stdout) as Listed).sessions; // As documented.
}

void t.test("a second magpie joins the agent that is there, and sessions shows who holds what", async (t) => {
  await using alice = await steal("alice", ...asAlice, "--priority", "2");
  await using bob = await steal("bob", "--max-requests", "50", "--for", "1h30m");
  t.equal(bob.agentPid, alice.agentPid);
  t.match(await alice.event("notice", { fits: ({ code }) => code === "overlap" }), {
    message:
      /bob .* wants everything; requests that both may have go to you, since yours has the higher priority/,
  });
  t.match(await bob.event("notice", { fits: ({ code }) => code === "overlap" }), {
    message: /alice .* go to alice, since theirs has the higher priority/,
  });
  t.equal(await ask("/", "-H", "x-user: alice"), "alice");
  t.equal(await ask("/"), "bob");
  const [first, second, ...more] = await sessions();
  t.same(more, []);
  t.match(first, { id: alice.ready.session, name: "alice", own: true });
  t.match(first?.subscriptions, [{ port: 80, mode: "steal", priority: 2, requests: 1, requestsLeft: null }]);
  t.match(second?.subscriptions, [{ filter: null, requests: 1, requestsLeft: 49 }]);
  const { stdout, exitCode } = await magpie("sessions", ...target);
  t.equal(exitCode, 0);
  t.match(stdout, /SESSION +WHO +PORT +MODE +PRIORITY +REQUESTS +SINCE +ENDS +REVISION +FILTER\n/);
  t.match(
    stdout,
    new RegExp(`${alice.ready.session} \\* +alice +80 +steal +2 +1 .*header\\("\\^x-user: alice\\$"\\)`),
  );
  t.match(stdout, /bob +80 +steal +1 .* after 49 more or in \d+(\.\d)? min +\d+ +everything\n/);
});

void t.test("release ends one's own session, and what is under way finishes", async (t) => {
  await using alice = await steal("alice", ...asAlice);
  await using bob = await steal("bob", "--header", "x-user: bob");
  let isUnderWay = true;
  const underWay = ask("/slow/6000", "-H", "x-user: alice").finally(() => (isUnderWay = false));
  await until(async () => (await sessions())[0]?.subscriptions[0]?.["requests"] === 1, {
    what: "the request",
  });
  t.match(await magpie("release"), { exitCode: 2, stderr: /2 sessions of yours .*: say which/ });
  const { session } = alice.ready;
  t.match(await magpie("release", session), {
    exitCode: 0,
    stdout: `session ${session} has released port 80 of netns:${pod.name}; its command ends\n`,
  });
  t.equal(await ask("/", "-H", "x-user: alice"), "original");
  t.ok(isUnderWay, "it was still under way");
  t.equal(await underWay, "alice");
  t.equal((await alice.proc.exited).code, 0);
  t.match(await alice.event("taken"), { port: 80, code: "released" });
  t.match(await alice.event("ended"), { code: "released", message: /^ended: released by / });
  t.equal(await ask("/", "-H", "x-user: bob"), "bob", "others are not concerned");
  t.match(await magpie("release", "--port", "81"), {
    exitCode: 1,
    stderr: /does not hold port 81; it holds 80/,
  });
  t.ok(bob.proc.running);
});

void t.test(
  "a released session ends its program; another port of it goes on until it is released too",
  async (t) => {
    const program = [process.execPath, "-e", "setInterval(() => {}, 1000); console.log(process.pid)"];
    const ports = ["--port", `80:${alices.port}`, "--port", `81:${alices.port}`];
    await using alice = await steal("alice", ...ports, "--", ...program);
    const [pid] = await alice.proc.line(/^\d+$/);
    t.match(await magpie("release", "--port", "81", "--output", "json"), {
      exitCode: 0,
      stdout: /"event":"released".*"ports":\[81\],"left":1/,
    });
    t.match(await alice.event("taken"), { port: 81, code: "released" });
    t.ok(alice.proc.running);
    t.equal((await magpie("release")).exitCode, 0);
    t.equal((await alice.proc.exited).code, 0);
    t.notOk(isAlive(Number(pid)));
  },
);

void t.test("somebody else's session can neither be released nor be given a filter", async (t) => {
  await using alice = await steal("alice", ...asAlice);
  // Whoever has not this file is somebody else.
  const own = join(runtimeDirectory.path, `own-${process.geteuid?.()}`);
  for (const name of readdirSync(own)) rmSync(join(own, name));
  const { session } = alice.ready;
  for (const command of [
    ["release", session],
    ["filter", "set", "--session", session, "--everything"],
  ])
    t.match(await magpie(...command, ...target), {
      exitCode: 1,
      stderr: new RegExp(
        `session ${session} is alice's; only its owner can do that\\n.*--take-over. asks for its place`,
      ),
    });
  t.match(await magpie("release", ...target), { exitCode: 1, stderr: /no session of yours runs on netns:/ });
  t.match(await magpie("release"), { exitCode: 1, stderr: /no session of yours runs on this machine/ });
  t.equal(await ask("/", "-H", "x-user: alice"), "alice");
});

void t.test(
  "a place that is held is refused, and handed over to who asks, with no request in between",
  async (t) => {
    await using alice = await steal("alice");
    const refused = await MagpieSteal.begin({ pod, runtimeDirectory, args: ["--port", `80:${bobs.port}`] });
    t.equal((await refused.proc.exited).code, 1);
    t.match(await refused.event("ended"), {
      code: "subscribe-refused",
      message: new RegExp(`held without a filter by session ${alice.ready.session} \\(alice\\)`),
      hint: /--take-over/,
    });
    await using requests = await load();
    await requests.ended(200);
    const underWay = ask("/slow/4000");
    await using bob = await steal("bob", "--take-over");
    t.match(await bob.event("notice", { fits: ({ code }) => code === "hand-over" }), {
      message: /alice .* holds port 80 and was told that it goes to you in 2 s/,
    });
    t.match(await alice.event("notice", { fits: ({ code }) => code === "hand-over-wanted" }), {
      message: /bob .* asks for port 80 and gets it in 2 s/,
    });
    t.match(await alice.event("taken"), {
      port: 80,
      code: "taken",
      message: /^bob .* has taken port 80 over/,
    });
    t.equal(await underWay, "alice", "what is under way stays with whom it was");
    t.equal((await alice.proc.exited).code, 1);
    t.match(await alice.event("ended"), { code: "taken", hint: /--keep/ });
    const { outcomes } = await requests.stop();
    const counts = answered(t, outcomes);
    t.same(Object.keys(counts).toSorted(), ["alice", "bob"], "nobody else answered");
    const bySending = outcomes.toSorted((one, other) => one.sentAtMs - other.sentAtMs);
    const firstOfBob = bySending.findIndex(({ who }) => who === "bob");
    const lastOfAlice = bySending.findLastIndex(({ who }) => who === "alice");
    t.ok(lastOfAlice - firstOfBob < 10, "at one moment, as far as ten connections can tell");
  },
);

void t.test("a place that is kept is not handed over; one whose session hangs is", async (t) => {
  await using alice = await steal("alice", "--keep");
  const args = ["--take-over", "--port", `80:${bobs.port}`];
  const refused = await MagpieSteal.begin({ pod, runtimeDirectory, args });
  t.equal((await refused.proc.exited).code, 1);
  t.match(await refused.event("ended"), { message: /\(alice\), who keeps it \(--keep\)/ });
  t.equal(await ask("/"), "alice");
  await alice.end();
  await using hung = await steal("alice");
  hung.proc.signal("SIGSTOP");
  await using bob = await steal("bob", "--take-over");
  t.equal(await ask("/"), "bob");
  t.match(await magpie("release", bob.ready.session), { exitCode: 0 });
  await hung.proc.kill();
});

void t.test("a filter is changed under load, and each request is by the old one or the new", async (t) => {
  await using alice = await steal("alice", ...asAlice);
  await using requests = await load();
  await requests.ended(100);
  let last = 0;
  for (const filter of ["header(x-team) == shop", "header(x-user) == alice", 'path == "/"']) {
    const { stdout, stderr } = await magpie("filter", "set", filter, "--output", "json");
    t.equal(stderr, "");
    const { revision } = JSON.parse(stdout) as { revision: number }; // As documented.
    t.ok(revision > last);
    last = revision;
    t.match(await alice.event("filter-changed", { fits: (event) => event["revision"] === revision }), {
      port: 80,
      subscription: 1,
    });
  }
  const { outcomes } = await requests.stop();
  t.same(Object.keys(answered(t, outcomes)), ["alice"], "both filters wanted all of them");
  t.match((await sessions())[0]?.subscriptions, [{ filter: { path: { equals: "/" } }, revision: last }]);
  t.equal(await ask("/elsewhere", "-H", "x-user: alice"), "original");
  t.match(await magpie("filter", "set", "--everything"), {
    exitCode: 0,
    stdout: /has every request of port 80/,
  });
  t.equal(await ask("/elsewhere"), "alice");
  await using bob = await steal("bob", "--header", "x-user: bob");
  const inTheWay = await magpie("filter", "set", "--everything", "--session", bob.ready.session);
  t.match(inTheWay, { exitCode: 1, stderr: /held without a filter by session [0-9a-f]+ \(alice\)/ });
  t.equal(await ask("/", "-H", "x-user: bob"), "bob", "nothing has changed");
});

void t.test("--max-requests gives exactly so many, however many come at once", async (t) => {
  await using alice = await steal("alice", ...asAlice, "--max-requests", "40");
  await using requests = await load(200);
  await requests.ended(200);
  const { outcomes } = await requests.stop();
  t.same(answered(t, outcomes), { alice: 40, original: 160 });
  t.match(await alice.event("notice", { fits: ({ code }) => code === "bound-near" }), {
    message: "port 80 ends after 4 more requests",
  });
  t.equal((await alice.proc.exited).code, 0);
  t.match(await alice.event("ended"), { code: "bound-reached", message: /port 80 has had its 40 requests/ });
  await alice.agentGone();
});

void t.test("what reaches no local process does not count", async (t) => {
  await using late = await HttpApp.start({ name: "late", host: "127.0.0.1" });
  const { port } = late;
  await late.proc.kill();
  await using alice = await steal("alice", "--port", `80:${port}`, ...asAlice, "--max-requests", "1");
  for (let time = 0; time < 3; time++) t.equal(await ask("/", "-H", "x-user: alice"), "original");
  await using there = await HttpApp.start({ name: "late", host: "127.0.0.1", port });
  await alice.event("local", { fits: ({ state }) => state === "up" });
  t.ok(there.proc.running);
  t.equal(await ask("/", "-H", "x-user: alice"), "late");
  t.equal((await alice.proc.exited).code, 0);
  t.equal(await ask("/", "-H", "x-user: alice"), "original");
});

void t.test("--for ends by itself, and what is under way finishes", async (t) => {
  await using alice = await steal("alice", ...asAlice, "--for", "1500ms", "--", "sleep", "60");
  // The program listens nowhere, so that its requests are the app's.
  t.equal(await ask("/", "-H", "x-user: alice"), "original");
  await using bob = await steal("bob", "--for", "1s");
  const underWay = ask("/slow/1500");
  t.match(await bob.event("taken"), { port: 80, code: "time-over" });
  t.equal(await underWay, "bob");
  t.equal((await bob.proc.exited).code, 0);
  t.match(await bob.event("ended"), { code: "bound-reached", message: /time for port 80 is over/ });
  t.equal((await alice.proc.exited).code, 0, "its program was ended with it");
  await bob.agentGone();
});
