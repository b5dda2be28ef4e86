import {
  type AskedFeatures,
  findPods,
  KubernetesApi,
  type PreflightRequest,
} from "../../../src/kubernetes/index.ts";
import type { AccessRule } from "../../fixtures/kubernetes/access-rules.ts";
import { FakeCluster } from "../../fixtures/kubernetes/fake-cluster.ts";

export const bySteal: AskedFeatures = {
  ports: [8080],
  incoming: true,
  looksIntoApp: false,
  form: "ephemeral",
};

/** All that a session with deployment/web of namespace shop takes, a rule for each verb. */
export const everyRight: readonly AccessRule[] = [
  rule("get", "deployments", { groups: ["apps"], names: ["web"] }),
  rule("get", "pods"),
  rule("list", "pods"),
  rule("watch", "pods"),
  rule("patch", "pods/ephemeralcontainers"),
  rule("create", "pods/exec"),
  rule("create", "pods/portforward"),
];

function rule(verb: string, resource: string, more: Partial<AccessRule> = {}): AccessRule {
  return { verbs: [verb], resources: [resource], groups: [""], namespaces: ["shop"], ...more };
}

/** A fake cluster with deployment/web in namespace shop, and ada, who has these rights. */
export async function openStage(rules: readonly AccessRule[] | "all") {
  await using stack = new AsyncDisposableStack();
  const users = [{ name: "ada@shop.example", token: "ada-token", rules }];
  const cluster = stack.use(await FakeCluster.open({ users }));
  cluster.put(
    { kind: "Namespace", metadata: { name: "shop" } },
    { kind: "Node", metadata: { name: "node-1" }, status: { nodeInfo } },
    ...deployment(),
  );
  const api = stack.use(
    await KubernetesApi.open({ kubeconfig: await cluster.kubeconfig({ namespace: "shop" }) }),
  );
  const reference = {
    kind: "deployment",
    name: "web",
    label: "deployment/web",
    container: undefined,
  } as const;
  const request: PreflightRequest = {
    namespace: "shop",
    reference,
    features: bySteal,
    image: "registry.example/magpie-agent:1",
    findPod: async (signal) => {
      const [first] = (await findPods(api, reference, { signal })).pods;
      if (first === undefined) throw new Error("the deployment has no pod");
      return { pod: first.pod, container: first.container.name };
    },
    depth: "full",
  };
  const owned = stack.move();
  return { cluster, api, request, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

const nodeInfo = {
  operatingSystem: "linux",
  architecture: "amd64",
  kernelVersion: "6.1.0-generic",
  osImage: "Debian",
  containerRuntimeVersion: "containerd://2.0.0",
  kubeletVersion: "v1.36.0",
};

function deployment() {
  const labels = { app: "web", "pod-template-hash": "abc" };
  const containers = [{ name: "web", image: "web:1", ports: [{ containerPort: 8080 }] }];
  return [
    {
      kind: "Deployment",
      metadata: { name: "web", namespace: "shop" },
      spec: { replicas: 1, selector: { matchLabels: { app: "web" } } },
    },
    {
      kind: "Pod",
      metadata: {
        name: "web-abc-1",
        namespace: "shop",
        uid: "1",
        labels,
        ownerReferences: [
          { apiVersion: "apps/v1", kind: "ReplicaSet", name: "web-abc", uid: "2", controller: true },
        ],
      },
      spec: { nodeName: "node-1", containers },
      status: {
        phase: "Running",
        conditions: [{ type: "Ready", status: "True" }],
        containerStatuses: [
          {
            name: "web",
            ready: true,
            containerID: "containerd://1",
            state: { running: { startedAt: "now" } },
          },
        ],
      },
    },
  ];
}
