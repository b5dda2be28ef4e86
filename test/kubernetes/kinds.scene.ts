import t from "tap";
import { RuntimeDirectory } from "../fixtures/magpie-steal.ts";
import { until } from "../fixtures/until.ts";
import { Caller } from "./caller.ts";
import { Cluster } from "./cluster/cluster.ts";
import { LocalProgram } from "./local-program.ts";
import { Developer } from "./magpie.ts";

const cluster = await Cluster.start();
const namespace = await cluster.namespace("kinds");
const runtimeDirectory = await RuntimeDirectory.create();
const ann = new Developer({ cluster, kubeconfig: cluster.kubeconfig, runtimeDirectory });
t.teardown(async () => {
  await runtimeDirectory[Symbol.asyncDispose]();
  await namespace[Symbol.asyncDispose]();
  await cluster[Symbol.asyncDispose]();
});

/** A pod that answers `original` on 8080, and its sidecar, which listens too. */
function podOf(app: string, restartPolicy = "Always"): object {
  const serve = 'require("node:http").createServer((_, r) => r.end(\'{"by":"original"}\')).listen(8080)';
  const shared = { image: cluster.exampleImage, imagePullPolicy: "IfNotPresent" };
  return {
    metadata: { labels: { app } },
    spec: {
      terminationGracePeriodSeconds: 0,
      restartPolicy,
      containers: [
        { name: "istio-proxy", ...shared, command: ["node", "log-shipper.ts"] },
        { name: "web", ...shared, command: ["node", "-e", serve], ports: [{ containerPort: 8080 }] },
      ],
    },
  };
}

const apps = "apps/v1";
const selecting = (app: string) => ({ selector: { matchLabels: { app } }, template: podOf(app) });
const objects: readonly object[] = [
  { apiVersion: "v1", kind: "Pod", ...named("pod", podOf("pod")) },
  { apiVersion: apps, kind: "Deployment", ...named("deployment"), spec: selecting("deployment") },
  {
    apiVersion: apps,
    kind: "StatefulSet",
    ...named("statefulset"),
    spec: { serviceName: "web", ...selecting("statefulset") },
  },
  { apiVersion: apps, kind: "DaemonSet", ...named("daemonset"), spec: selecting("daemonset") },
  { apiVersion: apps, kind: "ReplicaSet", ...named("replicaset"), spec: selecting("replicaset") },
  { apiVersion: "batch/v1", kind: "Job", ...named("job"), spec: { template: podOf("job", "Never") } },
  {
    apiVersion: "v1",
    kind: "Service",
    ...named("web"),
    spec: { selector: { app: "deployment" }, ports: [{ port: 80, targetPort: 8080 }] },
  },
];

/** Kinds name their objects after themselves here. */
function named(name: string, rest: { metadata?: object } = {}): object {
  return { ...rest, metadata: { ...rest.metadata, name } };
}

void t.test("every kind of target is stolen from, and its app is told from its sidecar", async (t) => {
  for (const object of objects) await namespace.apply(object);
  await using caller = await Caller.start(cluster, namespace);
  await namespace.kubectl("wait", "pods", "--all", "--for=condition=Ready", "--timeout=240s");
  await using local = await LocalProgram.start();
  const targets: [target: string, app: string, port?: number][] = [
    ["pod/pod", "pod"],
    ["deployment/deployment/container/web", "deployment"],
    ["statefulset/statefulset", "statefulset"],
    ["daemonset/daemonset", "daemonset"],
    ["replicaset/replicaset", "replicaset"],
    ["job/job", "job"],
    // By the port of the service.
    ["service/web", "deployment", 80],
    ["label:app=statefulset", "statefulset"],
  ];
  for (const [target, app, port = 8080] of targets) {
    const args = ["-n", namespace.name, "--port", `${port}:${local.port}`, "--header", "x-tenant: blue"];
    await using steal = await ann.steal(target, args);
    const [pod] = await namespace.readyPods(`app=${app}`);
    const url = `http://${pod?.status.podIP}:8080/`;
    t.equal(await caller.answeredBy(url, { "x-tenant": "blue" }), "local", target);
    t.equal(await caller.answeredBy(url), "original", target);
    await steal.end();
    await until(async () => (await caller.answeredBy(url, { "x-tenant": "blue" })) === "original", {
      what: `the app of ${target} to answer by itself`,
      timeoutMs: 60_000,
    });
  }
  const listed = await ann.run(["targets", "-n", namespace.name, "--output", "json"]);
  // A documented line.
  const { targets: found } = JSON.parse(listed.text) as {
    targets: { target: string; ready: number; containers: { name: string; sidecar?: string }[] }[];
  };
  const names = found.map(({ target }) => target);
  for (const object of [
    "pod/pod",
    "deployment/deployment",
    "statefulset/statefulset",
    "daemonset/daemonset",
    "job/job",
    "service/web",
  ])
    t.ok(names.includes(object), `${object} is listed: ${names.join()}`);
  t.match(
    found.find(({ target }) => target === "deployment/deployment"),
    {
      ready: 1,
      ports: ["8080"],
      containers: [
        { name: "istio-proxy", sidecar: "mesh proxy" },
        { name: "web", sidecar: undefined },
      ],
    },
  );
});
