import t from "tap";
import { eventsOf, runMagpie } from "../fixtures/magpie-command.ts";
import { ReplicaStage } from "../fixtures/replica-stage.ts";

const mine = ["--header", "x-user: alice"] as const;

void t.test("sessions, why, metrics, filter set and release are about all replicas", async (t) => {
  await using on = await ReplicaStage.create("control");
  const { replicas, runtimeDirectory } = on;
  const names = replicas.all.map(({ name }) => name);
  await using steal = await on.steal(...mine);
  const magpie = async (...words: readonly string[]) => {
    const { code, text, errors } = await runMagpie(runtimeDirectory, words);
    t.equal(code, 0, `${words.join(" ")}: ${errors}`);
    return text;
  };
  for (const replica of replicas.all) t.equal(await on.ask(replica, "x-user: alice"), "local");

  const [listed] = eventsOf(await magpie("sessions", "--output", "json"), "sessions");
  const sessions = (listed?.["sessions"] ?? []) as { member: string; own: boolean }[];
  t.same(
    sessions.map(({ member, own }) => [member, own]),
    names.map((name) => [name, true]),
    "without --target it is the one where the session runs",
  );
  t.match(await magpie("sessions"), /^NAMESPACE +SESSION/);

  const told = await magpie("why", "--output", "json");
  const decisions = eventsOf(told, "decision") as { requestId?: string }[];
  t.same(
    decisions.map(({ requestId }) => requestId?.replace(/\/.*/, "")),
    names,
    "in the order in which they came",
  );
  const [first] = decisions;
  t.match(await magpie("why", first?.requestId ?? ""), new RegExp(`#${first?.requestId}`));

  const metrics = await magpie("metrics");
  for (const name of names) t.match(metrics, new RegExp(`^magpie_\\w+\\{namespace="${name}"`, "m"));
  const help = metrics.split("\n").filter((line) => line.startsWith("# HELP"));
  t.equal(new Set(help).size, help.length, "each family is named once");

  t.match(await magpie("filter", "set", "header(x-user) == bob"), /has requests with .*bob.* of port 80/);
  const changed = await steal.event("filter-changed");
  t.match(changed, { port: 80, filter: { header: { equals: "bob" } } });
  t.equal(steal.told("filter-changed").length, 1, "it is told once");
  for (const replica of replicas.all) {
    t.equal(await on.ask(replica, "x-user: bob"), "local");
    t.equal(await on.ask(replica, "x-user: alice"), replica.name);
  }
  const late = await replicas.add();
  await steal.event("coverage", {
    fits: ({ change, member }) => change === "joined" && member === late.name,
  });
  t.equal(await on.ask(late, "x-user: bob"), "local", "one that comes later has the filter of now");

  t.match(await magpie("release"), /your session has released port 80 of netns:.*; its command ends/);
  t.equal((await steal.proc.exited).code, 0);
  t.match(steal.told("ended")[0], { code: "released" });
  t.equal(steal.told("taken").length, 1);
  for (const replica of replicas.all) t.equal(await on.ask(replica, "x-user: bob"), replica.name);
});

void t.test("a filter that is set on one replica is set on all", async (t) => {
  await using on = await ReplicaStage.create("filter");
  const { replicas, runtimeDirectory } = on;
  await using steal = await on.steal(...mine);
  const sessions = steal.told("ready")[0]?.["members"] as { member: string; session: string }[];
  const [first] = sessions;
  const words = ["filter", "set", "header(x-user) == bob", "--target", `netns:${first?.member}`];
  t.equal((await runMagpie(runtimeDirectory, words)).code, 0);
  await steal.event("filter-changed");
  for (const replica of replicas.all) t.equal(await on.ask(replica, "x-user: bob"), "local");
});

void t.test(
  "why --session is what one command may see of all replicas, of several that one has",
  async (t) => {
    await using on = await ReplicaStage.create("eyes");
    const { replicas, runtimeDirectory } = on;
    await using alice = await on.steal(...mine);
    await using bob = await on.steal("--header", "x-user: bob");
    for (const replica of replicas.all) t.equal(await on.ask(replica, "x-user: alice"), "local");
    const seen = async (...words: readonly string[]): Promise<boolean[]> => {
      const { text } = await runMagpie(runtimeDirectory, ["why", ...words, "--output", "json"]);
      return eventsOf(text, "decision").map(({ reason }) =>
        String(reason).startsWith("`x-user: alice` matches"),
      );
    };
    t.same(await seen(), [false, false, false], "whose eyes is not said");
    t.same(await seen("--session", alice.ready.session), [true, true, true]);
    t.ok(bob.proc.running);
  },
);
