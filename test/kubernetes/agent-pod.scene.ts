import t from "tap";
import { RuntimeDirectory } from "../fixtures/magpie-steal.ts";
import { until } from "../fixtures/until.ts";
import { Caller } from "./caller.ts";
import { Cluster } from "./cluster/cluster.ts";
import { LocalProgram } from "./local-program.ts";
import { Developer, developerRules } from "./magpie.ts";

const cluster = await Cluster.start();
const namespace = await cluster.namespace("agent-pod");
const tools = await cluster.namespace("tools");
await namespace.applyExample();
await namespace.kubectl("scale", "deployment/web", "--replicas=1");
const caller = await Caller.start(cluster, namespace);
const runtimeDirectory = await RuntimeDirectory.create();
t.teardown(async () => {
  await caller[Symbol.asyncDispose]();
  await runtimeDirectory[Symbol.asyncDispose]();
  await tools[Symbol.asyncDispose]();
  await namespace[Symbol.asyncDispose]();
  await cluster[Symbol.asyncDispose]();
});

const target = "deployment/web";
const mine = { "x-tenant": "blue" };
const agents = "app.kubernetes.io/name=magpie-agent";
/** Who may not add to pods, and may make some. */
const rules = [
  ...developerRules.filter(({ resources }) => !resources.includes("pods/ephemeralcontainers")),
  { apiGroups: [""], resources: ["pods"], verbs: ["create", "delete"] },
];

async function onlyPod(): Promise<string> {
  await until(async () => (await namespace.pods("app=web")).length === 1, {
    what: "one pod to be left",
    timeoutMs: 120_000,
  });
  const [pod] = await namespace.readyPods("app=web");
  return `http://${pod?.status.podIP}:8080`;
}

void t.test(
  "where ephemeral containers are not allowed, the agent is a pod on the same node, and goes",
  async (t) => {
    const ann = new Developer({
      cluster,
      kubeconfig: await namespace.user("ann", rules),
      runtimeDirectory,
    });
    const url = await onlyPod();
    await using local = await LocalProgram.start();
    await using steal = await ann.steal(target, [
      "--port",
      `8080:${local.port}`,
      "--header",
      "x-tenant: blue",
    ]);
    t.equal(await caller.answeredBy(url, mine), "local");
    t.equal(await caller.answeredBy(url), "original");
    t.equal((await namespace.pods(agents)).length, 1);
    const exec = await ann.run([
      ...["exec", "--target", target, "--no-incoming", "--"],
      ...["sh", "-c", 'echo "$GREETING"; cat /etc/web/page.txt'],
    ]);
    t.equal(exec.text, "good morning\nthe page of the pod", exec.errors);
    await steal.end();
    t.equal(await caller.answeredBy(url, mine), "original");
    await until(async () => (await namespace.pods(agents)).length === 0, {
      what: "the agent's pod to be gone",
      timeoutMs: 120_000,
    });
    t.equal(await namespace.restarts("app=web"), 0);
  },
);

void t.test(
  "--agent pod --agent-namespace: it is made elsewhere, and the target's namespace stays as it is",
  async (t) => {
    const bob = new Developer({ cluster, kubeconfig: cluster.kubeconfig, runtimeDirectory });
    const url = await onlyPod();
    await using local = await LocalProgram.start();
    const place = ["-n", namespace.name, "--agent", "pod", "--agent-namespace", tools.name];
    await using steal = await bob.steal(target, [
      ...place,
      ...["--port", `8080:${local.port}`, "--header", "x-tenant: blue"],
    ]);
    t.equal(await caller.answeredBy(url, mine), "local");
    t.equal((await tools.pods(agents)).length, 1);
    t.equal((await namespace.pods(agents)).length, 0);
    await steal.end();
    await until(async () => (await tools.pods(agents)).length === 0, {
      what: "the agent's pod to be gone",
      timeoutMs: 120_000,
    });
  },
);
