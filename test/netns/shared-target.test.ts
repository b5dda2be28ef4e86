import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { isAlive } from "../fixtures/proc.ts";
import { TwoDevelopers } from "../fixtures/two-developers.ts";
import { until } from "../fixtures/until.ts";

const stage = await TwoDevelopers.create({ label: "shared" });
t.teardown(() => stage[Symbol.asyncDispose]());
const asAlice = ["--header", "^x-user: alice$"] as const;

void t.test("a second magpie joins the agent that is there, and sessions shows who holds what", async (t) => {
  await using alice = await stage.steal("alice", ...asAlice, "--priority", "2");
  await using bob = await stage.steal("bob", "--max-requests", "50", "--for", "1h30m");
  t.equal(bob.agentPid, alice.agentPid);
  t.match(await alice.event("notice", { fits: ({ code }) => code === "overlap" }), {
    message:
      /bob .* wants everything; requests that both may have go to you, since yours has the higher priority/,
  });
  t.match(await bob.event("notice", { fits: ({ code }) => code === "overlap" }), {
    message: /alice .* go to alice, since theirs has the higher priority/,
  });
  t.equal(await stage.ask("/", "-H", "x-user: alice"), "alice");
  t.equal(await stage.ask("/"), "bob");
  const [first, second, ...more] = await stage.sessions();
  t.same(more, []);
  t.match(first, { id: alice.ready.session, name: "alice", own: true });
  t.match(first?.subscriptions, [{ port: 80, mode: "steal", priority: 2, requests: 1, requestsLeft: null }]);
  t.match(second?.subscriptions, [{ filter: null, requests: 1, requestsLeft: 49 }]);
  const { stdout, exitCode } = await stage.magpie("sessions", ...stage.target);
  t.equal(exitCode, 0);
  t.match(stdout, /SESSION +WHO +PORT +MODE +PRIORITY +REQUESTS +SINCE +ENDS +REVISION +FILTER\n/);
  t.match(
    stdout,
    new RegExp(`${alice.ready.session} \\* +alice +80 +steal +2 +1 .*header\\("\\^x-user: alice\\$"\\)`),
  );
  t.match(stdout, /bob +80 +steal +1 .* after 49 more or in \d+(\.\d)? min +\d+ +everything\n/);
});

void t.test("release ends one's own session, and what is under way finishes", async (t) => {
  await using alice = await stage.steal("alice", ...asAlice);
  await using bob = await stage.steal("bob", "--header", "x-user: bob");
  let isUnderWay = true;
  const underWay = stage.ask("/slow/12000", "-H", "x-user: alice").finally(() => (isUnderWay = false));
  await until(async () => (await stage.sessions())[0]?.subscriptions[0]?.["requests"] === 1, {
    what: "the request",
  });
  t.match(await stage.magpie("release"), { exitCode: 2, stderr: /2 sessions of yours .*: say which/ });
  const { session } = alice.ready;
  t.match(await stage.magpie("release", session), {
    exitCode: 0,
    stdout: `session ${session} has released port 80 of netns:${stage.made.pod.name}; its command ends\n`,
  });
  t.equal(await stage.ask("/", "-H", "x-user: alice"), "original");
  t.ok(isUnderWay, "it was still under way");
  t.equal(await underWay, "alice");
  t.equal((await alice.proc.exited).code, 0);
  t.match(await alice.event("taken"), { port: 80, code: "released" });
  t.match(await alice.event("ended"), { code: "released", message: /^ended: released by / });
  t.equal(await stage.ask("/", "-H", "x-user: bob"), "bob", "others are not concerned");
  t.match(await stage.magpie("release", "--port", "81"), {
    exitCode: 1,
    stderr: /does not hold port 81; it holds 80/,
  });
  t.ok(bob.proc.running);
});

void t.test(
  "a released session ends its program; another port of it goes on until it is released too",
  async (t) => {
    const program = [process.execPath, "-e", "setInterval(() => {}, 1000); console.log(process.pid)"];
    const ports = ["--port", `80:${stage.alice.port}`, "--port", `81:${stage.alice.port}`];
    await using alice = await stage.steal("alice", ...ports, "--", ...program);
    const [pid] = await alice.proc.line(/^\d+$/);
    t.match(await stage.magpie("release", "--port", "81", "--output", "json"), {
      exitCode: 0,
      stdout: /"event":"released".*"ports":\[81\],"left":1/,
    });
    t.match(await alice.event("taken"), { port: 81, code: "released" });
    t.ok(alice.proc.running);
    t.equal((await stage.magpie("release")).exitCode, 0);
    t.equal((await alice.proc.exited).code, 0);
    t.notOk(isAlive(Number(pid)));
  },
);

void t.test("somebody else's session can neither be released nor be given a filter", async (t) => {
  await using alice = await stage.steal("alice", ...asAlice);
  // Whoever has not this file is somebody else.
  const own = join(stage.runtimeDirectory.path, `own-${process.geteuid?.()}`);
  for (const name of readdirSync(own)) rmSync(join(own, name));
  const { session } = alice.ready;
  for (const command of [
    ["release", session],
    ["filter", "set", "--session", session, "--everything"],
  ])
    t.match(await stage.magpie(...command, ...stage.target), {
      exitCode: 1,
      stderr: new RegExp(
        `session ${session} is alice's; only its owner can do that\\n.*--take-over. asks for its place`,
      ),
    });
  t.match(await stage.magpie("release", ...stage.target), {
    exitCode: 1,
    stderr: /no session of yours runs on netns:/,
  });
  t.match(await stage.magpie("release"), { exitCode: 1, stderr: /no session of yours runs on this machine/ });
  t.equal(await stage.ask("/", "-H", "x-user: alice"), "alice");
});
