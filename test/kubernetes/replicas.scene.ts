import t from "tap";
import { RuntimeDirectory } from "../fixtures/magpie-steal.ts";
import { until } from "../fixtures/until.ts";
import { Caller } from "./caller.ts";
import { Cluster } from "./cluster/cluster.ts";
import type { Pod } from "./cluster/test-namespace.ts";
import { LocalProgram } from "./local-program.ts";
import { Developer, developerRules } from "./magpie.ts";

const cluster = await Cluster.start();
const namespace = await cluster.namespace("replicas");
await namespace.applyExample();
const caller = await Caller.start(cluster, namespace);
const runtimeDirectory = await RuntimeDirectory.create();
const kubeconfig = await namespace.user("developer", developerRules);
const ann = new Developer({ cluster, kubeconfig, runtimeDirectory });
t.teardown(async () => {
  await caller[Symbol.asyncDispose]();
  await runtimeDirectory[Symbol.asyncDispose]();
  await namespace[Symbol.asyncDispose]();
  await cluster[Symbol.asyncDispose]();
});

const mine = { "x-tenant": "blue", connection: "close" };
const target = "deployment/web";

const readyPods = (): Promise<Pod[]> => namespace.readyPods("app=web");
const answeredBy = (pod: Pod, path: string, headers: Record<string, string> = {}): Promise<string> =>
  caller.answeredBy(`http://${pod.status.podIP}:8080${path}`, headers);

/** Resolves when each pod that is ready sends what matches to the developer. */
async function allStolen(count: number): Promise<void> {
  await until(
    async () => {
      const pods = await readyPods();
      if (pods.length !== count) return false;
      const answers = await Promise.all(pods.map((pod) => answeredBy(pod, "/all", mine)));
      return answers.every((by) => by === "local");
    },
    { what: `${count} pods to be stolen from`, timeoutMs: 240_000 },
  );
}

void t.test("a filtered steal over all replicas: new pods are joined, a new version too", async (t) => {
  await using local = await LocalProgram.start();
  const begun = performance.now();
  const args = ["--port", `8080:${local.port}`, "--header", "x-tenant: blue"];
  await using steal = await ann.steal(target, args);
  const [first] = await readyPods();
  if (first === undefined) throw new Error("no pod is ready");
  t.equal(await answeredBy(first, "/first", mine), "local");
  t.comment(`from the command to the first stolen request: ${Math.round(performance.now() - begun)} ms`);
  await allStolen(3);
  for (const pod of await readyPods()) t.equal(await answeredBy(pod, "/other"), "original");

  await namespace.kubectl("scale", target, "--replicas=5");
  await namespace.rolledOut(target);
  await allStolen(5);

  await namespace.kubectl("set", "env", target, "--containers=web", "VERSION=2");
  await namespace.rolledOut(target);
  await until(async () => (await readyPods()).length === 5, { what: "the new pods", timeoutMs: 240_000 });
  await allStolen(5);
  t.equal(await namespace.restarts("app=web"), 0);

  const leftMs = Date.now();
  await steal.end();
  for (const pod of await readyPods()) t.equal(await answeredBy(pod, "/after", mine), "original");
  const afterMs = (await namespace.agentsEnded("app=web")) - leftMs;
  t.ok(afterMs <= 30_000, `the last agent ended ${afterMs} ms after the last client left`);
  await namespace.kubectl("scale", target, "--replicas=3");
  await namespace.rolledOut(target);
});

void t.test("two developers at once: each has what is theirs, and one agent serves both", async (t) => {
  await using blue = await LocalProgram.start();
  await using green = await LocalProgram.start();
  const bob = new Developer({ cluster, kubeconfig, runtimeDirectory });
  await using first = await ann.steal(target, ["--port", `8080:${blue.port}`, "--header", "x-tenant: blue"]);
  await using second = await bob.steal(target, [
    "--port",
    `8080:${green.port}`,
    "--header",
    "x-tenant: green",
  ]);
  await allStolen(3);
  const pods = await readyPods();
  for (const pod of pods) {
    t.equal(await answeredBy(pod, "/blue", { ...mine, "x-tenant": "blue" }), "local");
    t.equal(await answeredBy(pod, "/green", { ...mine, "x-tenant": "green" }), "local");
    t.equal(await answeredBy(pod, "/red", { ...mine, "x-tenant": "red" }), "original");
    const running = pod.status.ephemeralContainerStatuses?.filter(({ state }) => state.running !== undefined);
    t.equal(running?.length, 1, "one agent in each pod");
  }
  t.ok(blue.asked.every(({ headers }) => headers["x-tenant"] === "blue"));
  t.ok(green.asked.every(({ headers }) => headers["x-tenant"] === "green"));
  t.ok(green.asked.length >= pods.length);
  await second.end();
  await first.end();
});

void t.test("kubectl port-forward with the header reaches the local program", async (t) => {
  await using local = await LocalProgram.start();
  await using steal = await ann.steal(target, ["--port", `8080:${local.port}`, "--header", "x-tenant: blue"]);
  await allStolen(3);
  const [pod] = await readyPods();
  await using forward = await namespace.start("port-forward", `pod/${pod?.metadata.name ?? ""}`, ":8080");
  const [, port] = await forward.line(/^Forwarding from 127\.0\.0\.1:(\d+)/, { timeoutMs: 120_000 });
  const url = `http://127.0.0.1:${port ?? ""}/forwarded`;
  t.match(await (await fetch(url, { headers: mine })).json(), { by: "local" });
  t.match(await (await fetch(url, { headers: { connection: "close" } })).json(), { by: "original" });
  await steal.end();
});

void t.test("kill -9 of the client: the pods serve as before, and the agents end", async (t) => {
  // The time for which it was waited counts as time without clients: twenty seconds of both are not forty.
  const waits = ["--grace", "20s", "--agent-linger", "20s"];
  await using local = await LocalProgram.start();
  await namespace.agentsEnded("app=web");
  await using steal = await ann.steal(target, [
    ...["--port", `8080:${local.port}`, "--header", "x-tenant: blue"],
    ...waits,
  ]);
  await allStolen(3);
  const killedMs = Date.now();
  await steal.proc.kill();
  await until(
    async () => {
      const answers = await Promise.all((await readyPods()).map((pod) => answeredBy(pod, "/after", mine)));
      return answers.every((by) => by === "original");
    },
    { what: "every pod to answer by itself", timeoutMs: 60_000 },
  );
  const afterMs = (await namespace.agentsEnded("app=web")) - killedMs;
  t.ok(afterMs <= 30_000, `the last agent ended ${afterMs} ms after the client was killed`);
  t.equal(await namespace.restarts("app=web"), 0);
});

void t.test("without pods/exec: refused, with what is missing, and nothing is left behind", async (t) => {
  const rules = developerRules.filter(({ resources }) => !resources.includes("pods/exec"));
  const guest = new Developer({
    cluster,
    kubeconfig: await namespace.user("guest", rules),
    runtimeDirectory,
  });
  const before = JSON.stringify(
    (await namespace.pods("app=web")).map(({ spec }) => spec.ephemeralContainers),
  );
  const refused = await guest.run([
    "steal",
    "--target",
    target,
    "--port",
    "8080:1",
    "--header",
    "x-tenant: blue",
  ]);
  t.not(refused.code, 0);
  t.match(refused.errors, /you may not (?:get|create) pods\/exec/);
  const after = JSON.stringify((await namespace.pods("app=web")).map(({ spec }) => spec.ephemeralContainers));
  t.equal(after, before, "no agent was made for nothing");
});
