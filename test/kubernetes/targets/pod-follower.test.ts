import t, { type Test } from "tap";
import { findPods, KubernetesApi, PodFollower } from "../../../src/kubernetes/index.ts";
import { FakeCluster } from "../../fixtures/kubernetes/fake-cluster.ts";
import { kindNamed } from "../../fixtures/kubernetes/kinds.ts";
import { sampleDeployment, samplePod } from "../../fixtures/kubernetes/sample-objects.ts";
import { until } from "../../fixtures/until.ts";

const pods = kindNamed("Pod");
const reference = { kind: "deployment", name: "web", container: undefined, label: "deployment/web" } as const;
const unready = { phase: "Running", conditions: [{ type: "Ready", status: "False" }] } as const;

/** Follows deployment/web of a fake cluster; what is told comes as words. */
async function following(t: Test, options: { replicas?: number; watchSeconds?: number } = {}) {
  const cluster = await FakeCluster.open();
  t.teardown(() => cluster[Symbol.asyncDispose]());
  cluster.put(...sampleDeployment("web", { replicas: options.replicas ?? 1 }));
  const api = await KubernetesApi.open({ kubeconfig: await cluster.kubeconfig(), namespace: "shop" });
  t.teardown(() => api[Symbol.dispose]());
  const found = await findPods(api, reference);
  const told: string[] = [];
  const follower = new PodFollower({
    api,
    found,
    pace: { firstPauseMs: 20, maxPauseMs: 100, watchSeconds: options.watchSeconds ?? 60 },
    events: {
      onJoin: ({ name }) => told.push(`+${name}`),
      onLeave: ({ name }) => told.push(`-${name}`),
      onUnsuitable: ({ message }) => told.push(`!${message}`),
      onBlind: () => told.push("blind"),
      onSeeing: () => told.push("seeing"),
    },
  });
  t.teardown(() => follower[Symbol.dispose]());
  const tells = (...words: string[]) =>
    until(async () => told.length >= words.length, { what: words.join(" "), timeoutMs: 8_000 }).then(
      () => t.same(told, words),
      () => t.same(told, words),
    );
  const watched = () => until(async () => cluster.watchCount === 1, { what: "a watch" });
  return { cluster, follower, told, tells, watched };
}

const place = (name: string) => ({ namespace: "shop", name });

function replica(name: string, hash: string, options: Parameters<typeof samplePod>[1] = {}) {
  const labels = { app: "web", "pod-template-hash": hash };
  return samplePod(name, { labels, owner: { kind: "ReplicaSet", name: `web-${hash}` }, ...options });
}

void t.test("a pod joins when it is ready, and leaves when it is on its way out", async (t) => {
  const { cluster, follower, tells } = await following(t);
  cluster.put(replica("web-new", "9f", { status: unready }));
  cluster.put(replica("web-newer", "9f"));
  await tells("+web-newer");
  cluster.store.change(pods, place("web-new"), (pod) => void (pod.status = replica("x", "9f").status));
  await tells("+web-newer", "+web-new");
  cluster.store.change(
    pods,
    place("web-newer"),
    ({ metadata }) => void (metadata.deletionTimestamp = "2026-01-01T00:00:00Z"),
  );
  await tells("+web-newer", "+web-new", "-web-newer");
  cluster.store.remove(pods, place("web-newer"));
  cluster.store.remove(pods, place("web-5d4c8-0"));
  await tells("+web-newer", "+web-new", "-web-newer", "-web-5d4c8-0");
  t.same(
    follower.pods.map(({ name }) => name),
    ["web-new"],
  );
});

void t.test("a pod that is only not ready for a while stays, and is known as such", async (t) => {
  const { cluster, follower, told } = await following(t);
  cluster.store.change(pods, place("web-5d4c8-0"), (pod) => void (pod.status = unready));
  await until(async () => follower.pods[0]?.isReady === false, { what: "the change" });
  t.same(told, []);
});

void t.test("pods of others with the same labels never join", async (t) => {
  const { cluster, tells } = await following(t);
  cluster.put(samplePod("stranger", { labels: { app: "web" } }));
  cluster.put(replica("web-new", "9f"));
  await tells("+web-new");
});

void t.test("a pod of the same name in another's place leaves and joins", async (t) => {
  const { cluster, tells } = await following(t);
  cluster.store.remove(pods, place("web-5d4c8-0"));
  cluster.put(replica("web-5d4c8-0", "5d4c8"));
  await tells("-web-5d4c8-0", "+web-5d4c8-0");
});

void t.test("a pod that no agent can be in is told once, and does not end the rest", async (t) => {
  const { cluster, tells } = await following(t);
  cluster.put(replica("web-host", "9f", { spec: { hostNetwork: true } }));
  cluster.store.change(
    pods,
    place("web-host"),
    ({ metadata }) => void (metadata.labels = { ...metadata.labels, x: "y" }),
  );
  cluster.put(replica("web-new", "9f"));
  await tells("!pod web-host is in the network of its node (hostNetwork)", "+web-new");
});

void t.test("a watch that is cut goes on where it was: nothing is missed, nothing told twice", async (t) => {
  const { cluster, tells, watched } = await following(t);
  await watched();
  cluster.put(replica("web-a", "9f"));
  await tells("+web-a");
  cluster.cutWatches();
  cluster.put(replica("web-b", "9f"));
  cluster.store.remove(pods, place("web-a"));
  await tells("+web-a", "+web-b", "-web-a");
  const lists = cluster.requests.filter((line) => line.includes("/pods?") && !line.includes("watch=true"));
  t.equal(lists.length, 1, "only the first");
});

void t.test("a version that is too old is listed afresh, and the difference told", async (t) => {
  const { cluster, follower, told, watched } = await following(t, { replicas: 2 });
  await watched();
  await cluster.fail();
  cluster.store.remove(pods, place("web-5d4c8-0"));
  cluster.put(replica("web-new", "9f"));
  cluster.store.compact();
  await until(async () => told.includes("blind"), { what: "the loss" });
  await cluster.restore();
  await until(async () => told.includes("seeing"), { what: "the API server" });
  t.same(told, ["blind", "-web-5d4c8-0", "+web-new", "seeing"]);
  t.same(
    follower.pods.map(({ name }) => name),
    ["web-5d4c8-1", "web-new"],
  );
});

void t.test("a watch whose time is over goes on without a word", async (t) => {
  const { cluster, tells } = await following(t, { watchSeconds: 1 });
  await until(async () => cluster.requests.filter((line) => line.includes("watch=true")).length >= 2, {
    what: "another",
  });
  cluster.put(replica("web-new", "9f"));
  await tells("+web-new");
});

void t.test("while the API server refuses, it is asked ever more seldom", async (t) => {
  const { cluster, told, watched } = await following(t);
  await watched();
  cluster.users = [];
  cluster.cutWatches();
  await until(async () => told.includes("blind"), { what: "the loss" });
  const before = cluster.requests.length;
  const began = performance.now();
  await until(async () => cluster.requests.length >= before + 5, { what: "tries" });
  t.ok(performance.now() - began > 5 * 100 * 0.5, "pauses grow to the longest");
  t.same(told, ["blind"], "which is told once");
});

void t.test("nothing is told after its end, and no watch stays", async (t) => {
  const { cluster, follower, told, watched } = await following(t);
  await watched();
  follower[Symbol.dispose]();
  await until(async () => cluster.watchCount === 0, { what: "the watch to end" });
  cluster.put(replica("web-new", "9f"));
  t.same(told, []);
});
