import t, { type Test } from "tap";
import { findPods, KubernetesApi, type TargetKind } from "../../../src/kubernetes/index.ts";
import { FakeCluster } from "../../fixtures/kubernetes/fake-cluster.ts";
import {
  sampleDeployment,
  samplePod,
  sampleService,
  sampleWorkload,
} from "../../fixtures/kubernetes/sample-objects.ts";

async function shop(t: Test, ...objects: ReturnType<typeof sampleDeployment>) {
  const cluster = await FakeCluster.open();
  t.teardown(() => cluster[Symbol.asyncDispose]());
  cluster.put(...objects);
  const api = await KubernetesApi.open({ kubeconfig: await cluster.kubeconfig(), namespace: "shop" });
  t.teardown(() => api[Symbol.dispose]());
  const find = (kind: TargetKind, name: string, options: { container?: string; port?: number } = {}) => {
    const label = `${kind}${kind === "label" ? ":" : "/"}${name}`;
    return findPods(api, { kind, name, container: options.container, label }, { port: options.port });
  };
  const names = async (kind: TargetKind, name: string) =>
    (await find(kind, name)).pods.map((pod) => pod.name);
  return { cluster, api, find, names };
}

const stranger = samplePod("stranger", { labels: { app: "web" } });
const notReady = {
  phase: "Running",
  conditions: [{ type: "Ready", status: "False" }],
  containerStatuses: [
    { name: "app", ready: false, state: { waiting: { reason: "CrashLoopBackOff", message: "back-off" } } },
  ],
} as const;

void t.test(
  "a deployment's pods are those of its replica sets, and not others with its labels",
  async (t) => {
    const { names } = await shop(
      t,
      ...sampleDeployment("web", { replicas: 2 }),
      stranger,
      samplePod("other-1", {
        labels: { app: "web", "pod-template-hash": "x" },
        owner: { kind: "ReplicaSet", name: "other-x" },
      }),
    );
    t.same(await names("deployment", "web"), ["web-5d4c8-0", "web-5d4c8-1"]);
  },
);

void t.test("a stateful set's pods come in the order of their numbers", async (t) => {
  const owner = { kind: "StatefulSet", name: "db", uid: "db-uid" };
  const labels = { app: "db" };
  const pods = [10, 2, 0].map((number) => samplePod(`db-${number}`, { owner, labels }));
  const { names } = await shop(
    t,
    sampleWorkload("StatefulSet", "db", { uid: "db-uid", replicas: 3 }),
    ...pods,
  );
  t.same(await names("statefulset", "db"), ["db-0", "db-2", "db-10"]);
});

void t.test("pods of others come the oldest first", async (t) => {
  const owner = { kind: "DaemonSet", name: "log", uid: "log-uid" };
  const pods = ["b", "a", "c"].map((name, index) =>
    samplePod(name, { owner, labels: { app: "log" }, creationTimestamp: `2026-01-0${index + 1}T00:00:00Z` }),
  );
  const { names } = await shop(t, sampleWorkload("DaemonSet", "log", { uid: "log-uid" }), ...pods, stranger);
  t.same(await names("daemonset", "log"), ["b", "a", "c"]);
});

void t.test("a cron job's pods are those of its jobs", async (t) => {
  const cronJob = sampleWorkload("CronJob", "nightly", { uid: "cron-uid", spec: { schedule: "0 3 * * *" } });
  const job = sampleWorkload("Job", "by-hand", {
    owner: { kind: "CronJob", name: "nightly", uid: "cron-uid" },
  });
  const labelled = (name: string, job: string) =>
    samplePod(name, { labels: { "job-name": job }, owner: { kind: "Job", name: job } });
  const { names } = await shop(
    t,
    cronJob,
    job,
    labelled("hand", "by-hand"),
    labelled("time", "nightly-29000000"),
    labelled("none", "nightly-else"),
  );
  t.same(await names("cronjob", "nightly"), ["hand", "time"]);
});

void t.test("a rollout's pods are those of its selector, or of the deployment it stands for", async (t) => {
  const labels = { app: "web", "rollouts-pod-template-hash": "abc" };
  const pod = samplePod("web-abc-1", { labels, owner: { kind: "ReplicaSet", name: "web-abc" } });
  const { names, cluster } = await shop(t, sampleWorkload("Rollout", "web", { replicas: 1 }), pod, stranger);
  t.same(await names("rollout", "web"), ["web-abc-1"]);
  cluster.put(
    sampleWorkload("Deployment", "template", {
      replicas: 0,
      spec: { selector: { matchLabels: { app: "web" } } },
    }),
    sampleWorkload("Rollout", "web", {
      spec: { selector: undefined, workloadRef: { kind: "Deployment", name: "template" } },
    }),
  );
  t.same(await names("rollout", "web"), ["web-abc-1"]);
});

void t.test("labels select whatever has them", async (t) => {
  const { names } = await shop(
    t,
    ...sampleDeployment("web"),
    stranger,
    samplePod("x", { labels: { app: "x" } }),
  );
  t.same(await names("label", "app=web"), ["stranger", "web-5d4c8-0"]);
});

void t.test("a service's port leads to its pods' own, by number or by name", async (t) => {
  const ports = [{ name: "http", containerPort: 3000 }];
  const containers = [{ name: "sidekick" }, { name: "app", ports }];
  const { find } = await shop(
    t,
    samplePod("web-1", { labels: { app: "web" }, containers }),
    sampleService("web", {
      spec: {
        ports: [
          { port: 80, targetPort: "http" },
          { port: 81, targetPort: 9000 },
        ],
      },
    }),
  );
  const { wish, pods, notes } = await find("service", "web", { port: 80 });
  t.equal(wish.port, 3000);
  t.equal(pods[0]?.container.name, "app");
  t.same(notes, ["container app, which declares port 3000, of sidekick, app"]);
  t.equal((await find("service", "web", { port: 81 })).wish.port, 9000);
  t.equal((await find("service", "web", { port: 82 })).wish.port, 82);
});

void t.test("what is not there is told with what is, or in which namespace it is", async (t) => {
  const { find } = await shop(
    t,
    ...sampleDeployment("web"),
    ...sampleDeployment("shipping", { namespace: "logistics" }),
  );
  await t.rejects(find("deployment", "wbe"), {
    code: "not-found",
    message: "deployment/wbe: there is no deployment wbe in namespace shop (context fake)",
    sought: "deployment/wbe",
    candidates: ["deployment/web"],
  });
  await t.rejects(find("deployment", "shipping"), {
    code: "not-found",
    hint: "There is one in namespace logistics: add --namespace logistics.",
  });
  await t.rejects(find("pod", "web"), { code: "not-found", candidates: ["pod/web-5d4c8-0"] });
});

void t.test("whoever may not list is told of the missing object all the same", async (t) => {
  const { cluster, api } = await shop(t, ...sampleDeployment("web"));
  cluster.users = [{ name: "jane", token: "admin-token", rules: [{ verbs: ["get"], resources: ["*"] }] }];
  const reference = {
    kind: "deployment",
    name: "wbe",
    container: undefined,
    label: "deployment/wbe",
  } as const;
  await t.rejects(findPods(api, reference), { code: "not-found", candidates: [] });
});

void t.test("a missing right is named with its verb, resource and namespace", async (t) => {
  const { cluster, api } = await shop(t, ...sampleDeployment("web"));
  const rules = [{ verbs: ["get"], resources: ["deployments"] }];
  cluster.users = [{ name: "jane", token: "admin-token", rules }];
  const reference = {
    kind: "deployment",
    name: "web",
    container: undefined,
    label: "deployment/web",
  } as const;
  await t.rejects(findPods(api, reference), {
    code: "forbidden",
    message: "jane may not list pods in namespace shop (context fake)",
    missing: { verb: "list", resource: "pods", group: "", namespace: "shop" },
  });
});

void t.test("a kind that the cluster does not know is told as such", async (t) => {
  await using cluster = await FakeCluster.open({ withoutGroups: ["argoproj.io"] });
  using api = await KubernetesApi.open({ kubeconfig: await cluster.kubeconfig() });
  const rollout = { kind: "rollout", name: "web", container: undefined, label: "rollout/web" } as const;
  await t.rejects(findPods(api, rollout), {
    code: "not-found",
    message: "rollout/web: the cluster has no rollouts",
    hint: "Argo Rollouts is not installed there.",
  });
});

void t.test("a target without ready pods says how each of them stands", async (t) => {
  const [workload, ...pods] = sampleDeployment("web", { replicas: 2 });
  const { find } = await shop(
    t,
    ...(workload === undefined ? [] : [workload]),
    ...pods.map((pod) => ({ ...pod, status: notReady })),
  );
  await t.rejects(find("deployment", "web"), {
    code: "unready",
    message:
      "deployment/web has no ready pod in namespace shop:\n" +
      "  web-5d4c8-0: CrashLoopBackOff (container app: back-off)\n" +
      "  web-5d4c8-1: CrashLoopBackOff (container app: back-off)",
  });
});

void t.test(
  "zero replicas, a completed job, a waiting cron job and labels of nobody say why there is no pod",
  async (t) => {
    const { find } = await shop(
      t,
      sampleWorkload("Deployment", "web", { replicas: 0 }),
      sampleWorkload("Job", "once", { status: { conditions: [{ type: "Complete", status: "True" }] } }),
      sampleWorkload("CronJob", "nightly", { spec: { schedule: "0 3 * * *" } }),
    );
    const cases: [kind: TargetKind, name: string, message: RegExp][] = [
      ["deployment", "web", /scaled to zero replicas$/],
      ["job", "once", /the job is completed$/],
      [
        "cronjob",
        "nightly",
        /none of its jobs runs now; its next job comes as its schedule says \(0 3 \* \* \*\)$/,
      ],
      ["label", "app=nobody", /no pod has these labels$/],
    ];
    for (const [kind, name, message] of cases)
      await t.rejects(find(kind, name), { code: "unready", message });
  },
);

void t.test("a completed job's pods are told too", async (t) => {
  const job = sampleWorkload("Job", "once", {
    uid: "job-uid",
    status: { conditions: [{ type: "Complete", status: "True" }] },
  });
  const done = samplePod("once-1", {
    labels: { app: "once" },
    owner: { kind: "Job", name: "once", uid: "job-uid" },
    status: { phase: "Succeeded" },
  });
  const { find } = await shop(t, job, done);
  await t.rejects(find("job", "once"), {
    code: "unready",
    message: /the job is completed:\n {2}once-1: Completed$/,
  });
});

void t.test("what no agent can be in is refused with the reason", async (t) => {
  const { find } = await shop(
    t,
    samplePod("host", { spec: { hostNetwork: true } }),
    samplePod("windows", { spec: { os: { name: "windows" } } }),
    samplePod("static", { annotations: { "kubernetes.io/config.mirror": "x" } }),
    sampleService("outside", {
      spec: { selector: undefined, type: "ExternalName", externalName: "db.example" },
    }),
    sampleService("by-hand", { spec: { selector: undefined } }),
  );
  const cases: [kind: TargetKind, name: string, message: RegExp][] = [
    ["pod", "host", /network of its node/],
    ["pod", "windows", /runs on Windows/],
    ["pod", "static", /static pod/],
    ["service", "outside", /only another name for db\.example/],
    ["service", "by-hand", /has no selector/],
  ];
  for (const [kind, name, message] of cases)
    await t.rejects(find(kind, name), { code: "unsuitable", message });
});

void t.test("a pod that is named and runs is taken though it is not ready, and it is said", async (t) => {
  const status = {
    phase: "Running",
    conditions: [{ type: "Ready", status: "False" }],
    containerStatuses: [{ name: "app", ready: false, state: { running: {} } }],
  } as const;
  const { find } = await shop(t, samplePod("web-1", { status }), samplePod("web-2", { status: notReady }));
  const { pods, notes } = await find("pod", "web-1");
  t.match(pods, [{ name: "web-1", isReady: false }]);
  t.match(notes, [/services send it no requests/]);
  await t.rejects(find("pod", "web-2"), { code: "unready", message: /CrashLoopBackOff/ });
});
