import t from "tap";
import { Callers } from "../fixtures/callers.ts";
import { MagpieSteal, RuntimeDirectory } from "../fixtures/magpie-steal.ts";
import { Namespace } from "../fixtures/namespaces.ts";
import { ReplicaStage } from "../fixtures/replica-stage.ts";
import { until } from "../fixtures/until.ts";

const mine = ["--header", "x-user: alice"] as const;

void t.test("a steal by header covers three replicas, and each still answers everybody else", async (t) => {
  await using on = await ReplicaStage.create("three");
  await using steal = await on.steal(...mine, "--trace");
  const ready = steal.told("ready")[0] ?? {};
  t.match(ready, { target: `netns:${on.replicas.whole.name}`, coverage: { covered: 3, of: 3, missing: [] } });
  const names = on.replicas.all.map(({ name }) => name);
  t.same(
    (ready["members"] as { member: string }[]).map(({ member }) => member),
    names,
  );
  for (const replica of on.replicas.all) {
    t.equal(await on.ask(replica, "x-user: alice"), "local");
    t.equal(await on.ask(replica), replica.name);
  }
  const decided = await steal.decided(({ verdict }) => verdict === "stolen", { count: 3 });
  t.same(
    decided.map(({ requestId }) => requestId.replace(/\/.*/, "")).toSorted(),
    names.toSorted(),
    "each request says by which replica it came",
  );
  await steal.end();
  for (const replica of on.replicas.all) t.equal(await on.ask(replica, "x-user: alice"), replica.name);
});

void t.test("those that come are joined and those that go are left, while the others go on", async (t) => {
  await using on = await ReplicaStage.create("comes");
  await using steal = await on.steal(...mine);
  const fourth = await on.replicas.add();
  await steal.event("coverage", {
    fits: ({ change, member }) => change === "joined" && member === fourth.name,
  });
  t.equal(await on.ask(fourth, "x-user: alice"), "local");
  const [first, second] = on.replicas.all;
  if (first === undefined || second === undefined) throw new Error("there are four");
  await on.replicas.remove(first);
  await steal.event("coverage", { fits: ({ change, member }) => change === "left" && member === first.name });
  t.equal(await on.ask(second, "x-user: alice"), "local");
  const failed = steal.told("coverage").filter(({ change }) => change === "failed");
  t.same(failed, [], "nothing is said to have failed");
  t.match(steal.told("coverage").at(-1), { covered: 3, of: 3 });
});

void t.test("one whose agent is killed is joined again, and its app answers until then", async (t) => {
  await using on = await ReplicaStage.create("killed");
  await using steal = await on.steal(...mine);
  const ready = steal.told("ready")[0] as unknown as { members: { member: string; agentPid: number }[] };
  const [victim] = ready.members;
  const [first, second] = on.replicas.all;
  if (first === undefined || second === undefined || victim === undefined) throw new Error("there are three");
  process.kill(victim.agentPid, "SIGKILL");
  t.match(await on.ask(second, "x-user: alice"), "local");
  t.match(await on.ask(first, "x-user: alice"), /^(local|.*-r1)$/);
  await steal.event("coverage", {
    fits: ({ change, member }) => change === "joined" && member === first.name,
  });
  t.equal(await on.ask(first, "x-user: alice"), "local");
});

void t.test(
  "a place that another session holds is missing and said so; it is taken when it is free",
  async (t) => {
    await using on = await ReplicaStage.create("partial");
    const [first] = on.replicas.all;
    if (first === undefined) throw new Error("there are three");
    const { runtimeDirectory, local } = on;
    const args = ["--port", `80:${local.ports[0]}`, "--name", "bob", ...mine];
    await using other = await MagpieSteal.start({ pod: first.pod, runtimeDirectory, args });
    await using steal = await on.steal(...mine);
    t.match(steal.told("ready")[0], {
      coverage: {
        covered: 2,
        of: 3,
        missing: [{ member: first.name, message: /port 80 is refused: .*bob/ }],
      },
    });
    await other.end();
    await steal.event("coverage", { fits: ({ change, covered }) => change === "joined" && covered === 3 });
  },
);

void t.test("--max-requests counts over all replicas, however many ask at once", async (t) => {
  await using on = await ReplicaStage.create("bound");
  await using steal = await on.steal("--max-requests", "40", "--on-local-failure", "error", ...mine);
  const callers = await Promise.all(
    on.replicas.all.map(({ pod }) =>
      Callers.start({
        namespace: on.replicas.client,
        host: pod.address4,
        port: 80,
        lanes: [{ kind: "raw", count: 4 }],
        requests: [{ method: "GET", path: "/", fields: [["x-user", "alice"]] }],
        pace: { gapMs: [0, 5] },
      }),
    ),
  );
  t.equal((await steal.proc.exited).code, 0);
  t.match(await steal.event("ended"), { code: "bound-reached" });
  const outcomes = (await Promise.all(callers.map((one) => one.stop()))).flatMap(({ outcomes }) => outcomes);
  for (const one of callers) await one[Symbol.asyncDispose]();
  t.same(
    outcomes.filter(({ fault }) => fault !== undefined),
    [],
    "what was beyond the bound had its answer from the app",
  );
  t.equal(outcomes.filter(({ who }) => who === "local").length, 40);
});

void t.test("--replicas covers so many, and another one in place of one that goes", async (t) => {
  await using on = await ReplicaStage.create("some");
  await using steal = await on.steal("--replicas", "1");
  const [first, second] = on.replicas.all;
  if (first === undefined || second === undefined) throw new Error("there are three");
  t.match(steal.told("ready")[0], { coverage: { covered: 1, of: 1 } });
  t.equal(await on.ask(first), "local");
  t.equal(await on.ask(second), second.name);
  await on.replicas.remove(first);
  await until(async () => (await on.ask(second)) === "local", {
    what: "the second to be covered",
    timeoutMs: 10_000,
  });
});

void t.test("a pattern that fits nothing is told before anything is started", async (t) => {
  await using runtimeDirectory = await RuntimeDirectory.create();
  const pod = new Namespace({ name: "no-such-*", address4: "", address6: "" });
  const args = ["--port", "80:8080"];
  await using steal = await MagpieSteal.begin({ pod, runtimeDirectory, args });
  t.equal((await steal.proc.exited).code, 2);
  t.match(await steal.event("ended"), { code: "target-unknown", message: /no-such-\*/ });
});
