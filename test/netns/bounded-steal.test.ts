import t from "tap";
import { HttpApp } from "../fixtures/http-app.ts";
import { answeredBy, TwoDevelopers } from "../fixtures/two-developers.ts";

const stage = await TwoDevelopers.create({ label: "bounds" });
t.teardown(() => stage[Symbol.asyncDispose]());
const asAlice = ["--header", "^x-user: alice$"] as const;

void t.test("--max-requests gives exactly so many, however many come at once", async (t) => {
  await using alice = await stage.steal("alice", ...asAlice, "--max-requests", "40");
  await using requests = await stage.load(200);
  await requests.ended(200);
  const { outcomes } = await requests.stop();
  t.same(answeredBy(outcomes), { alice: 40, original: 160 });
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
  await using alice = await stage.steal("alice", "--port", `80:${port}`, ...asAlice, "--max-requests", "1");
  for (let time = 0; time < 3; time++) t.equal(await stage.ask("/", "-H", "x-user: alice"), "original");
  await using there = await HttpApp.start({ name: "late", host: "127.0.0.1", port });
  await alice.event("local", { fits: ({ state }) => state === "up" });
  t.ok(there.proc.running);
  t.equal(await stage.ask("/", "-H", "x-user: alice"), "late");
  t.equal((await alice.proc.exited).code, 0);
  t.equal(await stage.ask("/", "-H", "x-user: alice"), "original");
});

void t.test("--for ends by itself, and what is under way finishes", async (t) => {
  await using alice = await stage.steal("alice", ...asAlice, "--for", "1500ms", "--", "sleep", "60");
  // The program listens nowhere, so that its requests are the app's.
  t.equal(await stage.ask("/", "-H", "x-user: alice"), "original");
  await using bob = await stage.steal("bob", "--for", "1s");
  const underWay = stage.ask("/slow/1500");
  t.match(await bob.event("taken"), { port: 80, code: "time-over" });
  t.equal(await underWay, "bob");
  t.equal((await bob.proc.exited).code, 0);
  t.match(await bob.event("ended"), { code: "bound-reached", message: /time for port 80 is over/ });
  t.equal((await alice.proc.exited).code, 0, "its program was ended with it");
  await bob.agentGone();
});

void t.test(
  "a session that starts over has the rest of its bounds, and ends where nothing is left",
  async (t) => {
    await using alice = await stage.steal("alice", ...asAlice, "--on-lost", "rejoin", "--max-requests", "3");
    for (let time = 0; time < 2; time++) t.equal(await stage.ask("/", "-H", "x-user: alice"), "alice");
    const { session } = alice.ready;
    process.kill(alice.agentPid, "SIGKILL");
    await alice.event("connection", { fits: ({ state }) => state === "rejoined" });
    t.not(alice.ready.session, session);
    t.equal(await stage.ask("/", "-H", "x-user: alice"), "alice");
    t.equal((await alice.proc.exited).code, 0);
    t.match(await alice.event("ended"), { code: "bound-reached" });
    t.equal(await stage.ask("/", "-H", "x-user: alice"), "original");
    await using bob = await stage.steal("bob", "--on-lost", "rejoin", "--for", "2s");
    process.kill(bob.agentPid, "SIGKILL");
    t.equal((await bob.proc.exited).code, 0);
    t.match(await bob.event("ended"), { code: "bound-reached" });
  },
);
