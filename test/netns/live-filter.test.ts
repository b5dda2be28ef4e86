import t from "tap";
import { answeredBy, TwoDevelopers } from "../fixtures/two-developers.ts";

const stage = await TwoDevelopers.create({ label: "filter" });
t.teardown(() => stage[Symbol.asyncDispose]());
const asAlice = ["--header", "^x-user: alice$"] as const;

void t.test("a filter is changed under load, and each request is by the old one or the new", async (t) => {
  await using alice = await stage.steal("alice", ...asAlice);
  await using requests = await stage.load();
  await requests.ended(100);
  let last = 0;
  for (const filter of ["header(x-team) == shop", "header(x-user) == alice", 'path == "/"']) {
    const { stdout, stderr } = await stage.magpie("filter", "set", filter, "--output", "json");
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
  t.same(Object.keys(answeredBy(outcomes)), ["alice"], "both filters wanted all of them");
  t.match((await stage.sessions())[0]?.subscriptions, [
    { filter: { path: { equals: "/" } }, revision: last },
  ]);
  t.equal(await stage.ask("/elsewhere", "-H", "x-user: alice"), "original");
  t.match(await stage.magpie("filter", "set", "--everything"), {
    exitCode: 0,
    stdout: /has every request of port 80/,
  });
  t.equal(await stage.ask("/elsewhere"), "alice");
  await using bob = await stage.steal("bob", "--header", "x-user: bob");
  const inTheWay = await stage.magpie("filter", "set", "--everything", "--session", bob.ready.session);
  t.match(inTheWay, { exitCode: 1, stderr: /held without a filter by session [0-9a-f]+ \(alice\)/ });
  t.equal(await stage.ask("/", "-H", "x-user: bob"), "bob", "nothing has changed");
});
