import t from "tap";
import { splitEvery } from "../fixtures/byte-splits.ts";
import { HttpApp } from "../fixtures/http-app.ts";
import { Load, type LoadOutcome, nowMs } from "../fixtures/load.ts";
import { MagpieSteal, RuntimeDirectory } from "../fixtures/magpie-steal.ts";
import { createNamespaces, type Namespace } from "../fixtures/namespaces.ts";
import { podState } from "../fixtures/pod-state.ts";
import { isAlive } from "../fixtures/proc.ts";
import { RawApp } from "../fixtures/raw-app.ts";
import { RawClient } from "../fixtures/raw-client.ts";
import { until } from "../fixtures/until.ts";
import { answer, message } from "../fixtures/wire-messages.ts";

const match = "x-tenant: blue";

/** A pod with an ordinary app on port 80, a program of the developer's, and sessions that steal from one to the other. */
async function createStage(label: string) {
  await using stack = new AsyncDisposableStack();
  const runtimeDirectory = stack.use(await RuntimeDirectory.create());
  const made = stack.use(await createNamespaces({ label }));
  const [app, local] = await Promise.all([
    HttpApp.start({ name: "app", namespace: made.pod, port: 80 }),
    HttpApp.start({ name: "local", host: "127.0.0.1" }),
  ]);
  stack.use(app);
  stack.use(local);
  const steal = (...args: string[]) => {
    const ports = args.includes("--port") ? [] : ["--port", `80:${local.port}`];
    return MagpieSteal.start({ pod: made.pod, runtimeDirectory, args: [...ports, ...args] });
  };
  const filtered = () => steal("--header", `^${match}$`);
  const load = (plan: { fresh: boolean; ratePerSecond: number }) =>
    Load.start({ namespace: made.client, host: made.pod.address4, port: 80, connections: 16, ...plan });
  /** Who answers a matching request on a new connection within half a second: "nobody" when nobody does. */
  const asked = async (): Promise<string> => {
    const url = `http://${made.pod.address4}/`;
    const { stdout } = await made.client.run(
      "curl",
      "-sS",
      "-m",
      "0.5",
      "-H",
      match,
      "-w",
      "%header{x-served-by}",
      "-o",
      "/dev/null",
      url,
    );
    return stdout || "nobody";
  };
  const owned = stack.move();
  return {
    made,
    pod: made.pod,
    steal,
    filtered,
    load,
    asked,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Resolves with the moment at which a process is gone, its sockets included. */
async function gone(pid: number): Promise<number> {
  while (isAlive(pid)) await new Promise((resolve) => setImmediate(resolve));
  return nowMs();
}

/** Resolves with the time until no rule of ours is left. */
async function rulesGoneMs(pod: Namespace, sinceMs: number): Promise<number> {
  await until(async () => (await pod.run("nft", "list", "ruleset")).stdout.trim() === "", {
    what: "the rules to be gone",
  });
  return nowMs() - sinceMs;
}

function failed(outcomes: readonly LoadOutcome[]): LoadOutcome[] {
  return outcomes.filter(({ status, errorCode }) => status !== 200 || errorCode !== undefined);
}

void t.test("SIGKILL of the agent under load: the app serves every connection opened after it", async (t) => {
  await using stage = await createStage("killed");
  const { pod, asked } = stage;
  await using steal = await stage.filtered();
  t.equal(await asked(), "local");
  await using fresh = await stage.load({ fresh: true, ratePerSecond: 250 });
  await using kept = await stage.load({ fresh: false, ratePerSecond: 250 });
  await Promise.all([fresh.ended(100), kept.ended(100)]);

  process.kill(steal.agentPid, "SIGKILL");
  const deadMs = await gone(steal.agentPid);
  const rulesMs = await rulesGoneMs(pod, deadMs);
  t.ok(rulesMs < 1_000, `the rules were gone after ${rulesMs.toFixed()} ms`);
  await Promise.all([fresh.ended(500), kept.ended(500)]);
  const outcomes = [...(await fresh.stop()).outcomes, ...(await kept.stop()).outcomes];

  const after = outcomes.filter(({ sentAtMs, reused }) => sentAtMs > deadMs && !reused);
  t.ok(after.length > 250, `${after.length} connections were opened after the death`);
  t.same(failed(after), [], "none of them was refused or cut");
  t.ok(after.every(({ who }) => who === "app"));
  // What failed had its connection through the agent when it died, or was about to: a busy client notices late.
  const beganMs = ({ reused, connectedAtMs, sentAtMs }: LoadOutcome) =>
    reused ? (connectedAtMs ?? sentAtMs) : sentAtMs;
  t.ok(failed(outcomes).every((outcome) => beganMs(outcome) <= deadMs));
  t.ok(failed(outcomes).length <= 40, `${failed(outcomes).length} requests were on their way in it`);
  t.equal(await asked(), "app");
  t.match(await steal.event("ended"), { code: "session-lost" });
  t.equal((await steal.proc.exited).code, 1);
  t.equal((await pod.pids()).length, 1, "only the app is left");
});

void t.test("SIGSTOP of the agent: its ports go back by the lease within five seconds", async (t) => {
  await using stage = await createStage("stopped");
  const { pod, asked } = stage;
  await using steal = await stage.filtered();
  t.equal(await asked(), "local");
  process.kill(steal.agentPid, "SIGSTOP");
  const stoppedMs = nowMs();
  t.teardown(() => isAlive(steal.agentPid) && process.kill(steal.agentPid, "SIGCONT"));
  await until(async () => (await asked()) === "app", { what: "the app to answer" });
  const releasedMs = nowMs() - stoppedMs;
  t.ok(releasedMs < 5_000, `the app answered new connections after ${releasedMs.toFixed()} ms`);
  await using fresh = await stage.load({ fresh: true, ratePerSecond: 200 });
  await fresh.ended(200);
  t.same(failed((await fresh.stop()).outcomes), []);
  process.kill(steal.agentPid, "SIGCONT");
  await until(async () => (await asked()) === "local", { what: "a woken agent to steal again" });
  await steal.end();
  await steal.agentGone();
  await rulesGoneMs(pod, nowMs());
});

void t.test("SIGKILL of the client: its ports go back at once, and the agent ends", async (t) => {
  await using stage = await createStage("clientless");
  const { pod, asked } = stage;
  const before = await podState(pod);
  await using steal = await stage.filtered();
  t.equal(await asked(), "local");
  await using load = await stage.load({ fresh: true, ratePerSecond: 200 });
  await load.ended(50);
  await steal.proc.kill();
  const deadMs = nowMs();
  await until(async () => (await asked()) === "app", { what: "the app to answer" });
  const releasedMs = nowMs() - deadMs;
  t.ok(releasedMs < 1_000, `after ${releasedMs.toFixed()} ms`);
  await steal.agentGone();
  await load.ended(300);
  const { outcomes } = await load.stop();
  t.same(failed(outcomes), [], "no bystander noticed");
  t.same(await podState(pod), before, "nothing is left behind");
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  void t.test(`${signal} of the client: what is under way ends well, nothing is left behind`, async (t) => {
    await using stage = await createStage(signal.toLowerCase());
    const { made, pod } = stage;
    const request = message(["GET / HTTP/1.1", match]);
    const response = answer(200, "all of it");
    await using slow = await RawApp.start({ host: "127.0.0.1" });
    await slow.setScript({
      answers: [{ afterBytes: request.length, chunks: splitEvery(response, 25), gapMs: 150 }],
    });
    await using client = await RawClient.start({ namespace: made.client });
    const before = await podState(pod);
    await using steal = await stage.steal("--port", `80:${slow.port}`, "--header", `^${match}$`);
    await using load = await stage.load({ fresh: true, ratePerSecond: 200 });
    await load.ended(50);
    const until = { bytes: response.length };
    const underWay = client.exchange({ host: pod.address4, port: 80, chunks: [request], until });
    await slow.record(0, { until: "accepted", bytes: request.length });
    steal.proc.signal(signal);
    t.ok(response.equals((await underWay).bytes), "the answer is whole");
    t.equal((await steal.proc.exited).code, 0);
    await steal.agentGone();
    await load.ended(150);
    t.same(failed((await load.stop()).outcomes), [], "no bystander noticed");
    t.same(await podState(pod), before);
  });
}

void t.test(
  "an agent serves until its last client has left; one that was killed is followed by a new one",
  async (t) => {
    await using stage = await createStage("last");
    const { pod, asked } = stage;
    const { switches: _switches, ...before } = await podState(pod);
    await using one = await stage.filtered();
    await using two = await stage.steal("--header", "^x-tenant: green$");
    t.equal(two.agentPid, one.agentPid);
    await two.end();
    t.ok(isAlive(one.agentPid));
    t.equal(await asked(), "local");
    process.kill(one.agentPid, "SIGKILL");
    await one.proc.exited;
    await using three = await stage.filtered();
    t.equal(await asked(), "local");
    await three.end();
    await three.agentGone();
    // A switch that a killed agent has left on is not known to be ours; without a mark it does nothing.
    const { switches: _after, ...after } = await podState(pod);
    t.same(after, before, "the last one removes what the killed one left");
  },
);
