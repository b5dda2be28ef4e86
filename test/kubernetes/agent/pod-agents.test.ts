import { spawn } from "node:child_process";
import t from "tap";
import { defaultPlacement, KubernetesApi, PodAgents } from "../../../src/kubernetes/index.ts";
import { FakeCluster } from "../../fixtures/kubernetes/fake-cluster.ts";
import { kindNamed } from "../../fixtures/kubernetes/kinds.ts";
import type { PodHost } from "../../fixtures/kubernetes/pod-host.ts";
import { samplePod } from "../../fixtures/kubernetes/sample-objects.ts";
import { until } from "../../fixtures/until.ts";

const podKind = kindNamed("Pod");
const requestsOnly = { redirect: "auto", looksIntoApp: false } as const;
const inUse = 4;

/** A pod beside which agents give tickets, for requests only; whoever wants to end one is told that it is in use. */
async function openStage(
  options: { form?: "ephemeral" | "pod"; startPod?: PodHost["startPod"]; looks?: boolean } = {},
) {
  await using stack = new AsyncDisposableStack();
  const ticket = JSON.stringify({
    ticket: "x",
    port: 1,
    pid: 2,
    looksIntoApps: options.looks === true,
    sessions: 1,
  });
  const host: PodHost = {
    run: (_pod, _container, [, command]) =>
      command === "end" ? spawn("sh", ["-c", `exit ${inUse}`]) : spawn("echo", [ticket]),
    ...(options.startPod === undefined ? {} : { startPod: options.startPod }),
  };
  const cluster = stack.use(await FakeCluster.open({ host }));
  const pod = samplePod("web");
  const statuses = [
    { name: "app", ready: true, containerID: "containerd://0123456789", state: { running: {} } },
  ];
  cluster.put({
    ...pod,
    spec: { nodeName: "one", containers: [...pod.spec.containers, { name: "sidecar", image: "sidecar:1" }] },
    status: { ...pod.status, phase: "Running", containerStatuses: statuses },
  });
  cluster.put({ kind: "Namespace", metadata: { name: "shop" } });
  const kubeconfig = await cluster.kubeconfig({ namespace: "shop" });
  const api = stack.use(await KubernetesApi.open({ kubeconfig }));
  const beside = (container: string): PodAgents =>
    new PodAgents({
      api,
      target: { namespace: "shop", pod: "web", container },
      placement: { ...defaultPlacement, form: options.form ?? "ephemeral", startTimeoutMs: 2_000 },
    });
  const owned = stack.move();
  return { cluster, beside, agents: beside("app"), [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

const podsOf = (cluster: FakeCluster): string[] =>
  cluster.store.list(podKind, { namespace: "shop" }).map(({ metadata }) => metadata.name);

void t.test("an agent for requests only that others use is not enough for who must look", async (t) => {
  await using stage = await openStage();
  const { agents } = stage;
  await agents.ticket(requestsOnly);
  await t.rejects(agents.ticket({ ...requestsOnly, looksIntoApp: true }), {
    code: "conflict",
    message: /was started for requests only, and others use it/,
    hint: /--agent-looks/,
  });
});

void t.test("who would only like to look joins it, and hears that it may not", async (t) => {
  await using stage = await openStage();
  const { agents, cluster } = stage;
  await agents.ticket(requestsOnly);
  const joined = await agents.ticket({ ...requestsOnly, looksIntoApp: true, takesSmaller: true });
  t.match(joined, { isStarted: false, looksIntoApps: false });
  const { spec } = cluster.store.get(podKind, { namespace: "shop", name: "web" });
  t.equal(spec.ephemeralContainers.length, 1);
});

void t.test("one that is started for who would like to look may", async (t) => {
  await using stage = await openStage();
  const { agents, cluster } = stage;
  await agents.ticket({ ...requestsOnly, looksIntoApp: true, takesSmaller: true });
  const { spec } = cluster.store.get(podKind, { namespace: "shop", name: "web" });
  t.match(spec.ephemeralContainers[0].securityContext.capabilities.add, ["NET_ADMIN", "SYS_PTRACE"]);
});

void t.test("a pod that was made for an agent which never runs is deleted", async (t) => {
  const waiting = { reason: "ErrImageNeverPull", message: "not present with pull policy of Never" };
  await using stage = await openStage({
    form: "pod",
    startPod: async () => ({ phase: "Pending", containerStatuses: [{ name: "agent", state: { waiting } }] }),
  });
  await t.rejects(stage.agents.ticket(requestsOnly), { message: /ErrImageNeverPull/ });
  t.same(podsOf(stage.cluster), ["web"]);
});

void t.test("a pod that somebody is waiting for is deleted when they give up", async (t) => {
  await using stage = await openStage({ form: "pod", startPod: async () => ({ phase: "Pending" }) });
  const over = new AbortController();
  const asked = stage.agents.ticket(requestsOnly, { signal: over.signal });
  asked.catch(() => undefined);
  await until(() => podsOf(stage.cluster).length === 2, { what: "the agent's pod" });
  over.abort(new Error("Ctrl-C"));
  await t.rejects(asked, { cause: { message: "Ctrl-C" } });
  t.same(podsOf(stage.cluster), ["web"]);
});

void t.test(
  "what a killed client has left beside any pod of the namespace is taken away by the next",
  async (t) => {
    await using stage = await openStage();
    const { agents, cluster } = stage;
    const labels = { "app.kubernetes.io/name": "magpie-agent", "app.kubernetes.io/managed-by": "magpie" };
    cluster.put(
      samplePod("magpie-over", { labels, status: { phase: "Succeeded" } }),
      samplePod("magpie-broken", { labels, status: { phase: "Failed" } }),
      samplePod("magpie-busy", { labels }),
      samplePod("job-over", { status: { phase: "Succeeded" } }),
    );
    await agents.ticketOfRunning();
    await until(() => podsOf(cluster).length === 3, { what: "two pods to go" });
    t.same(podsOf(cluster).toSorted(), ["job-over", "magpie-busy", "web"]);
  },
);

void t.test("an agent beside another container has its requests, and looks into the wrong one", async (t) => {
  await using stage = await openStage({ looks: true });
  const looking = { ...requestsOnly, looksIntoApp: true };
  t.match(await stage.beside("sidecar").ticket(looking), { isStarted: true });
  const { agents } = stage;
  t.match(await agents.ticket(requestsOnly), { isStarted: false }, "requests are the pod's");
  t.match(await agents.ticket({ ...looking, takesSmaller: true }), {
    isStarted: false,
    looksIntoApps: false,
  });
  await t.rejects(agents.ticket(looking), {
    code: "conflict",
    message: /looks into another container than app, and others use it/,
  });
  t.match(await stage.beside("sidecar").ticket(looking), { isStarted: false });
});
