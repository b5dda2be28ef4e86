import t from "tap";
import { RuntimeDirectory } from "../fixtures/magpie-steal.ts";
import { until } from "../fixtures/until.ts";
import { Caller } from "./caller.ts";
import { Cluster } from "./cluster/cluster.ts";
import type { Pod } from "./cluster/test-namespace.ts";
import { LocalProgram } from "./local-program.ts";
import { Developer, developerRules } from "./magpie.ts";

const cluster = await Cluster.start();
const namespace = await cluster.namespace("shapes");
const caller = await Caller.start(cluster, namespace);
const runtimeDirectory = await RuntimeDirectory.create();
const podRights = { apiGroups: [""], resources: ["pods"], verbs: ["create", "delete"] };
const kubeconfig = await namespace.user("developer", [...developerRules, podRights]);
const ann = new Developer({ cluster, kubeconfig, runtimeDirectory });
t.teardown(async () => {
  await caller[Symbol.asyncDispose]();
  await runtimeDirectory[Symbol.asyncDispose]();
  await namespace[Symbol.asyncDispose]();
  await cluster[Symbol.asyncDispose]();
});

/** An app that answers who it is on a port of its own, and ends when its last connection has. */
function app(name: string, port: number): object {
  const script = `const s = require("http").createServer((q, a) => a.end(JSON.stringify({ by: "${name}" }))).listen(${port}); process.on("SIGTERM", () => s.close(() => process.exit()))`;
  return {
    name,
    image: cluster.exampleImage,
    imagePullPolicy: "IfNotPresent",
    command: ["node", "-e", script],
    env: [{ name: "WHO", value: name }],
    ports: [{ containerPort: port }],
    securityContext: { runAsUser: 1000 },
  };
}

async function run(name: string, spec: object): Promise<Pod> {
  await namespace.apply({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, labels: { name } },
    spec: { terminationGracePeriodSeconds: 1, ...spec },
  });
  await namespace.kubectl("wait", `pod/${name}`, "--for=condition=Ready", "--timeout=60s");
  const [pod] = await namespace.pods(`name=${name}`);
  if (pod === undefined) throw new Error(`${name} is gone`);
  return pod;
}

async function answeredBy(pod: Pod, port: number): Promise<string> {
  const headers = { "x-tenant": "blue", connection: "close" };
  const answer = await caller.call({ url: `http://${pod.status.podIP}:${port}/`, headers });
  return answer.error ?? (JSON.parse(answer.body) as { by: string }).by;
}

void t.test("containers that share their processes: each has its own variables and files", async (t) => {
  const two = [app("front", 8080), app("back", 9090)];
  const pod = await run("shared", { shareProcessNamespace: true, containers: two });
  for (const [name, port] of [
    ["front", 8080],
    ["back", 9090],
  ] as const) {
    const env = await ann.run(["env", "--target", `pod/shared/container/${name}`, "--output", "dotenv"]);
    t.match(env.text, new RegExp(`^WHO=["']?${name}["']?$`, "m"), env.errors);
    await using local = await LocalProgram.start();
    const args = ["--port", `${port}:${local.port}`, "--header", "x-tenant: blue"];
    await using steal = await ann.steal("pod/shared", args);
    t.equal(await answeredBy(pod, port), "local");
    await steal.end();
    t.equal(await answeredBy(pod, port), name);
  }
});

void t.test("an agent that is a pod, beside two apps: it has the named one's variables", async (t) => {
  await run("pair", { containers: [app("front", 8080), app("back", 9090)] });
  const placed = ["--agent", "pod", "--agent-linger", "1s"];
  for (const name of ["front", "back"]) {
    const env = await ann.run([
      "env",
      "--target",
      `pod/pair/container/${name}`,
      "--output",
      "dotenv",
      ...placed,
    ]);
    t.match(env.text, new RegExp(`^WHO=["']?${name}["']?$`, "m"), env.errors);
  }
});

void t.test("what a killed client's agent has left as a pod is taken away by the next command", async (t) => {
  const pod = await run("left", { containers: [app("left", 8080)] });
  await using local = await LocalProgram.start();
  const placed = ["--agent", "pod", "--agent-linger", "1s", "--grace", "1s"];
  const args = ["--port", `8080:${local.port}`, "--header", "x-tenant: blue", ...placed];
  await using steal = await ann.steal("pod/left", args);
  t.equal(await answeredBy(pod, 8080), "local");
  await steal.proc.kill();
  const ours = async () => await namespace.pods("app.kubernetes.io/name=magpie-agent");
  await until(async () => (await ours()).every(({ status }) => status.phase === "Succeeded"), {
    what: "nothing of ours to run",
    timeoutMs: 30_000,
  });
  t.equal(await answeredBy(pod, 8080), "left");
  await ann.run(["sessions", "--target", "pod/left"]);
  await until(async () => (await ours()).length === 0, { what: "the pods to be gone", timeoutMs: 20_000 });
});

void t.test("a drain of the node does not wait for an agent that is a pod", async (t) => {
  await run("leaving", { containers: [app("leaving", 8080)] });
  await using local = await LocalProgram.start();
  const args = ["--port", `8080:${local.port}`, "--header", "x-tenant: blue", "--agent", "pod"];
  await using steal = await ann.steal("pod/leaving", args);
  const [agent] = await namespace.pods("app.kubernetes.io/name=magpie-agent");
  const node = await namespace.kubectl("get", "pod", "leaving", "-o", "jsonpath={.spec.nodeName}");
  const ours = ["--pod-selector=app.kubernetes.io/name=magpie-agent", "--dry-run=client"];
  const drained = await namespace.kubectl("drain", node, ...ours);
  t.match(drained, agent?.metadata.name);
  await steal.end();
});

void t.test("a pod in the network of its node is refused before anything is made", async (t) => {
  await run("host", { hostNetwork: true, containers: [app("host", 18_080)] });
  const refused = await ann.run(["steal", "--target", "pod/host", "--port", "18080:1"]);
  t.not(refused.code, 0);
  t.match(refused.errors, /is in the network of its node \(hostNetwork\)/);
  const [pod] = await namespace.pods("name=host");
  t.notOk(pod?.spec.ephemeralContainers);
});

void t.test(
  "a pod that is deleted while a stolen request is under way: its caller is answered while the app stays",
  async (t) => {
    // As pods have it that are to be out of every list of endpoints before they end. An agent ends with the app's processes.
    const lifecycle = { preStop: { exec: { command: ["sleep", "8"] } } };
    const made = { terminationGracePeriodSeconds: 20, containers: [{ ...app("drained", 8080), lifecycle }] };
    const pod = await run("drained", made);
    await using local = await LocalProgram.start();
    const args = ["--port", `8080:${local.port}`, "--header", "x-tenant: blue"];
    await using steal = await ann.steal("label:name=drained", args);
    const answer = caller.call(
      {
        url: `http://${pod.status.podIP}:8080/upload`,
        headers: { "x-tenant": "blue" },
        uploadBytes: 3_000_000,
        bytesPerSecond: 1_000_000,
      },
      { timeoutMs: 60_000 },
    );
    await until(() => steal.proc.running, { what: "the session" });
    await new Promise((resolve) => setTimeout(resolve, 500));
    await namespace.kubectl("delete", "pod", "drained", "--wait=false");
    t.match(await answer, { status: 200, body: /"by":"local","bytes":3000000/ });
    await until(async () => (await namespace.pods("name=drained")).length === 0, {
      what: "the pod to go",
      timeoutMs: 40_000,
    });
    t.ok(steal.proc.running, "it waits for the next pod");
    const next = await run("drained", made);
    await until(async () => (await answeredBy(next, 8080)) === "local", {
      what: "the next pod to be joined",
      timeoutMs: 60_000,
    });
    await steal.end();
  },
);

void t.test("an image that is not to be had, and a quota that is full, are told as such", async (t) => {
  await run("poor", { containers: [app("poor", 8080)] });
  const image = "localhost/no-such-agent:1";
  const asked = ["steal", "--target", "pod/poor", "--port", "8080:1", "--header", "x-tenant: blue"];
  const missing = await ann.run([...asked, "--agent-image", image, "--agent-pull-policy", "Never"]);
  t.match(missing.errors, new RegExp(`the agent's image ${image} is not to be had: ErrImageNeverPull`));
  await namespace.apply({
    apiVersion: "v1",
    kind: "ResourceQuota",
    metadata: { name: "full" },
    spec: { hard: { pods: "0" } },
  });
  await until(
    async () =>
      (await namespace.kubectl("get", "quota", "full", "-o", "jsonpath={.status.hard.pods}")) === "0",
    { what: "the quota to count", timeoutMs: 20_000 },
  );
  const full = await ann.run([...asked, "--agent", "pod"]);
  t.not(full.code, 0);
  t.match(full.errors, /quota/);
  t.match(full.errors, /--agent-namespace/);
});
