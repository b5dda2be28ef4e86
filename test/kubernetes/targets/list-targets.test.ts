import t, { type Test } from "tap";
import { KubernetesApi, listTargets } from "../../../src/kubernetes/index.ts";
import { FakeCluster } from "../../fixtures/kubernetes/fake-cluster.ts";
import {
  sampleDeployment,
  samplePod,
  sampleService,
  sampleWorkload,
} from "../../fixtures/kubernetes/sample-objects.ts";

async function listing(t: Test, ...objects: ReturnType<typeof sampleDeployment>) {
  const cluster = await FakeCluster.open();
  t.teardown(() => cluster[Symbol.asyncDispose]());
  cluster.put(...objects);
  using api = await KubernetesApi.open({ kubeconfig: await cluster.kubeconfig() });
  const { targets, hidden } = await listTargets(api, { namespace: "shop" });
  t.same(hidden, []);
  return new Map(targets.map((target) => [target.target, target]));
}

void t.test("pods count for whatever stands above them, and only for that", async (t) => {
  const rolled = { app: "roll", "rollouts-pod-template-hash": "9f" };
  const targets = await listing(
    t,
    ...sampleDeployment("web", { replicas: 2 }),
    sampleWorkload("Rollout", "roll", { replicas: 1 }),
    samplePod("roll-9f-1", { labels: rolled, owner: { kind: "ReplicaSet", name: "roll-9f" } }),
    samplePod("own-1", { owner: { kind: "ReplicaSet", name: "own" } }),
    sampleWorkload("DaemonSet", "log", { status: { desiredNumberScheduled: 3 } }),
    samplePod("log-1", { owner: { kind: "DaemonSet", name: "log" } }),
    sampleWorkload("CronJob", "nightly", { spec: { schedule: "0 3 * * *" } }),
    sampleWorkload("Job", "nightly-1", {
      owner: { kind: "CronJob", name: "nightly" },
      status: { active: 1 },
    }),
    sampleWorkload("Job", "done", { status: { succeeded: 1 } }),
    samplePod("nightly-1-x", { owner: { kind: "Job", name: "nightly-1" } }),
    samplePod("alone"),
  );
  const pods = Object.fromEntries([...targets].map(([target, { pods }]) => [target, pods]));
  t.match(pods, {
    "deployment/web": ["web-5d4c8-0", "web-5d4c8-1"],
    "rollout/roll": ["roll-9f-1"],
    "replicaset/own": ["own-1"],
    "daemonset/log": ["log-1"],
    "cronjob/nightly": ["nightly-1-x"],
    "job/nightly-1": ["nightly-1-x"],
    "pod/alone": ["alone"],
  });
  t.notOk(targets.has("replicaset/web-5d4c8"), "what a deployment makes is no target of its own");
  t.notOk(targets.has("job/done"));
  t.match(targets.get("daemonset/log"), { ready: 1, wanted: 3 });
});

void t.test("what keeps something from being a target is its state", async (t) => {
  const targets = await listing(
    t,
    sampleWorkload("Deployment", "zero", { replicas: 0 }),
    sampleWorkload("CronJob", "paused", { spec: { suspend: true } }),
    sampleWorkload("CronJob", "waiting", {}),
    sampleService("empty"),
    sampleService("outside", { spec: { selector: undefined } }),
    samplePod("host", { spec: { hostNetwork: true } }),
    samplePod("going", { deletionTimestamp: "2026-01-01T00:00:00Z" }),
  );
  const states = Object.fromEntries([...targets].map(([target, { state }]) => [target, state]));
  t.same(states, {
    "deployment/zero": "scaled to zero",
    "cronjob/paused": "suspended",
    "cronjob/waiting": "no job runs",
    "service/empty": "no pods",
    "pod/going": "Terminating",
    "pod/host": "in the node's network",
  });
  t.match(targets.get("pod/going"), { ready: 0, wanted: 0 });
});

void t.test("an agent in a pod of its own counts for the pod beside it, and is no target", async (t) => {
  const labels = {
    "app.kubernetes.io/name": "magpie-agent",
    "app.kubernetes.io/managed-by": "magpie",
    "magpie.dev/target-uid": "web-uid",
  };
  const web = samplePod("web");
  const targets = await listing(
    t,
    { ...web, metadata: { ...web.metadata, uid: "web-uid" } },
    samplePod("magpie-agent-1", { labels }),
  );
  t.same([...targets.keys()], ["pod/web"]);
  t.match(targets.get("pod/web"), { agents: 1 });
});

void t.test("ports are those of the app: named by protocol where that is not TCP", async (t) => {
  const ports = [{ containerPort: 8080 }, { containerPort: 53, protocol: "UDP" as const }];
  const containers = [
    { name: "app", ports },
    { name: "istio-proxy", ports: [{ containerPort: 15_090 }] },
  ];
  const targets = await listing(t, samplePod("web", { containers }));
  t.match(targets.get("pod/web"), {
    ports: ["8080", "53/udp"],
    containers: [
      { name: "app", sidecar: undefined },
      { name: "istio-proxy", sidecar: "mesh proxy" },
    ],
  });
});
