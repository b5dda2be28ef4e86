import t, { type Test } from "tap";
import { startAgent } from "../fixtures/agent-process.ts";
import { HttpApp } from "../fixtures/http-app.ts";
import { Load } from "../fixtures/load.ts";
import { MagpieSteal, RuntimeDirectory } from "../fixtures/magpie-steal.ts";
import { createNamespaces } from "../fixtures/namespaces.ts";
import { RawApp } from "../fixtures/raw-app.ts";
import { RawClient } from "../fixtures/raw-client.ts";
import { until } from "../fixtures/until.ts";
import { answer, message } from "../fixtures/wire-messages.ts";

const get = message(["GET / HTTP/1.1"]);
/** As much longer as the agent takes to decide that it must go. */
const slow = { afterBytes: get.length, chunks: [Buffer.alloc(0), answer(200, "late")], gapMs: 12_000 };

/** A session on an agent with these limits, and load on the app through it. */
async function createStage(label: string, limits: readonly string[]) {
  await using stack = new AsyncDisposableStack();
  const runtimeDirectory = stack.use(await RuntimeDirectory.create());
  const { client, pod } = stack.use(await createNamespaces({ label }));
  const app = stack.use(await HttpApp.start({ name: "app", namespace: pod, port: 80 }));
  const other = stack.use(await RawApp.start({ namespace: pod, port: 81, script: { answers: [slow] } }));
  const agent = await startAgent({ pod, runtimeDirectory, args: limits });
  const args = ["--port", "80:9", "--port", "81:9", "--header", "^x-tenant: blue$", "--on-lost", "rejoin"];
  const steal = stack.use(await MagpieSteal.start({ pod, runtimeDirectory, args }));
  const load = stack.use(
    await Load.start({
      namespace: client,
      host: pod.address4,
      port: 80,
      connections: 8,
      ratePerSecond: 300,
      fresh: true,
    }),
  );
  const caller = stack.use(await RawClient.start({ namespace: client }));
  const owned = stack.move();
  return { pod, app, other, agent, steal, load, caller, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** What must be true once the agent found that it is a burden. */
async function givesBack(
  t: Test,
  stage: Awaited<ReturnType<typeof createStage>>,
  why: RegExp,
): Promise<void> {
  const { pod, other, agent, steal, load, caller } = stage;
  const underWay = caller.exchange({
    host: pod.address4,
    port: 81,
    chunks: [get],
    until: { bytes: 4, timeoutMs: 30_000 },
  });
  await other.record(0, { until: "accepted" });
  const ended = await steal.event("ended", { timeoutMs: 40_000 });
  t.match(ended, { code: "session-lost", message: why });
  t.equal(
    (await steal.proc.exited).code,
    1,
    "and does not come back, whatever it was told to do when it is lost",
  );
  // Sessions are told while the rules go.
  let asked = 0;
  const isDirect = async (): Promise<boolean> => {
    const connection = await caller.open({ host: pod.address4, port: 81 });
    const { peerPort } = await other.record(++asked, { until: "accepted" });
    return peerPort === connection.localPort;
  };
  await until(isDirect, { what: "the app to be reached directly", timeoutMs: 2_000 });
  t.equal((await underWay).why, "bytes", "what was under way ends in its own time");
  const { outcomes } = await load.stop();
  t.same(
    outcomes.filter(({ status, errorCode }) => status !== 200 || errorCode !== undefined),
    [],
    `none of ${outcomes.length} bystanders was harmed`,
  );
  t.equal((await agent.exited).code, 0);
  t.equal((await pod.run("nft", "list", "ruleset")).stdout, "");
}

t.jobs = 3;

void t.test(
  "an agent that is stopped again and again gives its ports back and says by how much it was late",
  async (t) => {
    await using stage = await createStage("burdened", ["--max-loop-delay-ms", "150"]);
    const { agent } = stage;
    const pid = agent.child.pid ?? 0;
    let isStopped = false;
    // For 300 ms of each 600: far shorter than the lease, so that nobody else would notice.
    const burst = setInterval(() => {
      isStopped = !isStopped;
      if (agent.running) process.kill(pid, isStopped ? "SIGSTOP" : "SIGCONT");
    }, 300);
    t.teardown(() => clearInterval(burst));
    void stage.steal.event("ended", { timeoutMs: 40_000 }).then(
      () => {
        clearInterval(burst);
        if (agent.running) process.kill(pid, "SIGCONT");
      },
      () => undefined,
    );
    await givesBack(
      t,
      stage,
      /its event loop was late by \d+ ms \(99th percentile; the limit is 150 ms\) in each of the last \d seconds$/,
    );
  },
);

void t.test("load that takes longer than was allowed: the ports go back with the numbers", async (t) => {
  await using stage = await createStage("slowed", ["--max-added-latency-ms", "0"]);
  await givesBack(
    t,
    stage,
    /it added \d+\.\d+ ms to requests \(99th percentile, the median is \d+\.\d+ ms; the limit is 0\.0 ms\)/,
  );
});

void t.test("memory past the limit: the same", async (t) => {
  await using stage = await createStage("filled", ["--max-rss-mb", "20"]);
  await givesBack(t, stage, /it held \d\d+ MB of memory \(the limit is 20 MB\)/);
});
