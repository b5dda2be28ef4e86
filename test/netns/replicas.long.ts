import t from "tap";
import { type CallerOutcome, Callers } from "../fixtures/callers.ts";
import { nowMs } from "../fixtures/load.ts";
import type { MagpieSteal } from "../fixtures/magpie-steal.ts";
import { ReplicaStage } from "../fixtures/replica-stage.ts";
import type { Replica } from "../fixtures/replicas.ts";
import { until } from "../fixtures/until.ts";

const mine = ["--header", "x-user: alice"] as const;
const alice = [["x-user", "alice"]] as const;

/** Callers of one replica: every other request is the developer's. */
function call(on: ReplicaStage, { pod }: Replica): Promise<Callers> {
  return Callers.start({
    namespace: on.replicas.client,
    host: pod.address4,
    port: 80,
    lanes: [
      { kind: "raw", count: 1 },
      { kind: "undici", count: 1 },
      { kind: "http2", count: 1 },
    ],
    requests: [
      { method: "POST", path: "/alice", fields: alice, bodyBytes: 512 },
      { method: "GET", path: "/bob" },
    ],
    pace: { gapMs: [20, 60] },
    renewEvery: 10,
  });
}

async function joined(steal: MagpieSteal, { name }: Replica): Promise<void> {
  await steal.event("coverage", {
    fits: ({ change, member }) => change === "joined" && member === name,
    timeoutMs: 30_000,
  });
}

void t.test(
  "scaled to five and rolled over under load, no request is lost and none goes astray",
  async (t) => {
    await using on = await ReplicaStage.create("rollout");
    await using stack = new AsyncDisposableStack();
    const { replicas } = on;
    await using steal = await on.steal(...mine);
    const outcomes: { of: Replica; outcomes: CallerOutcome[]; joinedAtMs: number; leftAtMs: number }[] = [];
    const calling = new Map<Replica, { callers: Callers; joinedAtMs: number }>();
    const begin = async (replica: Replica): Promise<void> => {
      calling.set(replica, { callers: stack.use(await call(on, replica)), joinedAtMs: nowMs() });
    };
    const stop = async (replica: Replica, leftAtMs: number): Promise<void> => {
      const { callers, joinedAtMs } = calling.get(replica) ?? { callers: undefined, joinedAtMs: 0 };
      if (callers === undefined) return;
      outcomes.push({ of: replica, outcomes: (await callers.stop()).outcomes, joinedAtMs, leftAtMs });
      calling.delete(replica);
    };
    for (const replica of replicas.all) await begin(replica);
    for (let more = 0; more < 2; more++) {
      const replica = await replicas.add();
      const addedAtMs = nowMs();
      await joined(steal, replica);
      t.comment(`${replica.name} is joined ${Math.round(nowMs() - addedAtMs)} ms after it is ready`);
      await begin(replica);
    }
    // New ones come before old ones go, and what an old one has under way may end.
    for (const old of replicas.all) {
      const replica = await replicas.add();
      await joined(steal, replica);
      await begin(replica);
      const leftAtMs = nowMs();
      await replicas.withdraw(old);
      await steal.event("coverage", {
        fits: ({ change, member }) => change === "left" && member === old.name,
      });
      await calling.get(old)?.callers.ended(20, { timeoutMs: 10_000 });
      await stop(old, leftAtMs);
      await replicas.remove(old);
    }
    for (const replica of [...calling.keys()]) await stop(replica, Infinity);
    const all = outcomes.flatMap(({ outcomes }) => outcomes);
    t.comment(`${all.length} requests`);
    t.ok(all.length > 500);
    t.same(
      all.filter(({ fault }) => fault !== undefined),
      [],
      "each had its whole answer",
    );
    for (const { of, outcomes: ofOne, joinedAtMs, leftAtMs } of outcomes) {
      const covered = ofOne.filter(
        ({ sentAtMs, endedAtMs }) => sentAtMs > joinedAtMs && endedAtMs < leftAtMs,
      );
      const astray = covered.filter(({ who, request }) => who !== (request === 0 ? "local" : of.name));
      t.same(astray, [], `${of.name}: while it is covered, the developer has all of theirs and nothing else`);
    }
    const failures = steal.told("coverage").filter(({ change }) => change === "failed");
    t.same(failures, [], "nothing is said to have failed");
    t.match(steal.told("coverage").at(-1), { covered: 5, of: 5 });
  },
);

void t.test("an agent that is frozen keeps nobody waiting, and is back when it is thawed", async (t) => {
  await using on = await ReplicaStage.create("frozen");
  await using steal = await on.steal(...mine);
  const [first, second, third] = on.replicas.all;
  const ready = steal.told("ready")[0] as unknown as { members: { member: string; agentPid: number }[] };
  const [frozen] = ready.members;
  if (first === undefined || second === undefined || third === undefined || frozen === undefined)
    throw new Error("there are three");
  process.kill(frozen.agentPid, "SIGSTOP");
  try {
    t.equal(await on.ask(second, "x-user: alice"), "local");
    t.equal(await on.ask(third, "x-user: alice"), "local");
    await until(async () => (await on.ask(first, "x-user: alice")) === first.name, {
      what: "the app to answer in place of the frozen agent",
      timeoutMs: 20_000,
    });
    await steal.event("connection", {
      fits: ({ state, member }) => state === "lost" && member === first.name,
    });
    t.equal(await on.ask(second, "x-user: alice"), "local");
  } finally {
    process.kill(frozen.agentPid, "SIGCONT");
  }
  await until(async () => (await on.ask(first, "x-user: alice")) === "local", {
    what: "the thawed one to be covered again",
    timeoutMs: 60_000,
  });
});

void t.test("a mirror compares over all replicas, and counts and rates are those of all", async (t) => {
  await using on = await ReplicaStage.create("mirror");
  await using steal = await on.mirror("--compare", "--no-learn", "--max-requests", "30");
  const callers = await Promise.all(on.replicas.all.map((replica) => call(on, replica)));
  const { code } = await steal.proc.exited;
  for (const one of callers) {
    const { outcomes } = await one.stop();
    t.same(
      outcomes.filter(({ fault }) => fault !== undefined),
      [],
    );
    await one[Symbol.asyncDispose]();
  }
  t.equal(code, 3, "local answers differ by name");
  const { report } = (await steal.event("summary")) as { report: { pairs: { total: number } } };
  t.equal(report.pairs.total, 30, "never more than was said, and no less");
  const { sent, failed } = steal.told("copies").at(-1) as { sent: number; failed: number };
  // A copy that is still under way when its port is given back is not told of any more.
  t.ok(sent <= 30 && sent >= 27 && failed === 0, `${sent} sent, ${failed} failed`);
  const ids = steal.told("comparison").map(({ requestId }) => String(requestId));
  t.ok(ids.length > 0 && ids.every((id) => /^magpie-.*-r\d\//.test(id)), "each comparison names its replica");
});

void t.test("fifty replicas are covered, and left", async (t) => {
  await using on = await ReplicaStage.create("fifty", 50);
  const beganMs = nowMs();
  await using steal = await on.steal(...mine);
  t.comment(`50 agents started and joined in ${Math.round(nowMs() - beganMs)} ms`);
  t.match(steal.told("ready")[0], { coverage: { covered: 50, of: 50 } });
  for (const replica of on.replicas.all) t.equal(await on.ask(replica, "x-user: alice"), "local");
  const leftMs = nowMs();
  await steal.end();
  t.comment(`left in ${Math.round(nowMs() - leftMs)} ms`);
  for (const replica of on.replicas.all.slice(0, 5))
    t.equal(await on.ask(replica, "x-user: alice"), replica.name);
});
