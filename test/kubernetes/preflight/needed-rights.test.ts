import t from "tap";
import { neededRights, rightText } from "../../../src/kubernetes/preflight/needed-rights.ts";
import { runPreflight } from "../../../src/kubernetes/preflight/run-preflight.ts";
import { KubernetesApi, KubernetesError } from "../../../src/kubernetes/index.ts";
import { FakeCluster } from "../../fixtures/kubernetes/fake-cluster.ts";
import { bySteal } from "./stage.ts";

type Kind = Parameters<typeof neededRights>[0]["reference"]["kind"];

const texts = (kind: Kind, features: Partial<Parameters<typeof neededRights>[0]["features"]> = {}) =>
  neededRights({
    namespace: "shop",
    reference: { kind, name: "web" },
    features: { ...bySteal, ...features },
  }).map(({ access }) => rightText(access));

void t.test("each kind of target takes reading what it names", async (t) => {
  const named: [Kind, string][] = [
    ["deployment", "get deployments.apps web in namespace shop"],
    ["statefulset", "get statefulsets.apps web in namespace shop"],
    ["job", "get jobs.batch web in namespace shop"],
    ["service", "get services web in namespace shop"],
    ["rollout", "get rollouts.argoproj.io web in namespace shop"],
  ];
  for (const [kind, text] of named) t.equal(texts(kind)[0], text);
  t.match(texts("cronjob"), [
    "get cronjobs.batch web in namespace shop",
    "list jobs.batch in namespace shop",
  ]);
  t.equal(texts("pod")[0], "get pods in namespace shop");
});

void t.test("an agent elsewhere takes its rights there", async (t) => {
  const rights = texts("pod", { form: "pod", agentNamespace: "tools" });
  t.ok(rights.includes("create pods in namespace tools"));
  t.ok(rights.includes("create pods/exec in namespace tools"));
  t.notOk(rights.includes("create pods/exec in namespace shop"));
  t.ok(
    rights.includes("create pods/portforward in namespace shop"),
    "the way to it leads through the target",
  );
  t.notOk(rights.includes("patch pods/ephemeralcontainers in namespace shop"));
});

void t.test("a rollout that stands for a workload takes reading that, once it is known", async (t) => {
  const users = [{ name: "ada", token: "ada-token", rules: "all" as const }];
  await using cluster = await FakeCluster.open({ users });
  const namespace = "shop";
  const rollout = (name: string, spec: object) => ({ kind: "Rollout", metadata: { name, namespace }, spec });
  cluster.put(
    { kind: "Namespace", metadata: { name: namespace } },
    rollout("web", { workloadRef: { apiVersion: "apps/v1", kind: "Deployment", name: "template" } }),
    rollout("set", { workloadRef: { apiVersion: "apps/v1", kind: "ReplicaSet", name: "template" } }),
    rollout("own", { selector: { matchLabels: { app: "own" } } }),
  );
  using api = await KubernetesApi.open({ kubeconfig: await cluster.kubeconfig({ namespace }) });
  const rightsOf = async (name: string): Promise<string[]> => {
    const { rights } = await runPreflight(
      api,
      {
        ...{ namespace, features: bySteal, image: "agent:1", depth: "quick" },
        reference: { kind: "rollout", name, label: `rollout/${name}`, container: undefined },
        findPod: () => Promise.reject(new KubernetesError("unready", "it has no pod")),
      },
      { signal: AbortSignal.timeout(10_000) },
    );
    return rights.map(({ access }) => rightText(access)).filter((text) => text.includes(".apps"));
  };
  t.same(await rightsOf("web"), ["get deployments.apps template in namespace shop"]);
  t.same(await rightsOf("set"), ["get replicasets.apps template in namespace shop"]);
  t.same(await rightsOf("own"), []);
});
