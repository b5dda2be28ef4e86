import t from "tap";
import type { Node, Pod } from "../../../src/kubernetes/index.ts";
import { minorOf, nodeFindings } from "../../../src/kubernetes/preflight/node-findings.ts";
import { levelLines } from "./level-lines.ts";

type NodeInfo = NonNullable<NonNullable<Node["status"]>["nodeInfo"]>;

const info: NodeInfo = {
  operatingSystem: "linux",
  architecture: "arm64",
  kernelVersion: "6.8.0-1021-gke",
  osImage: "Container-Optimized OS",
  containerRuntimeVersion: "containerd://1.7.27",
  kubeletVersion: "v1.33.2-gke.100",
};

function examine(
  about: {
    node?: Partial<NodeInfo>;
    labels?: Record<string, string>;
    spec?: Partial<Pod["spec"]>;
    handler?: string;
  } = {},
  form: "auto" | "ephemeral" | "pod" = "auto",
): string {
  const pod: Pod = { metadata: { name: "web-0" }, spec: { containers: [], nodeName: "n1", ...about.spec } };
  const node: Node = {
    metadata: { name: "n1", labels: about.labels ?? {} },
    status: { nodeInfo: { ...info, ...about.node } },
  };
  const runtimeClass =
    about.handler === undefined ? undefined : { value: { metadata: { name: "x" }, handler: about.handler } };
  return levelLines(nodeFindings({ pod, node: { value: node }, runtimeClass, form }));
}

void t.test("an ordinary node is fine", async (t) => {
  t.match(
    examine(),
    /^ok node: node n1: linux\/arm64, kernel 6\.8\.0-1021-gke, containerd:\/\/1\.7\.27, kubelet v1\.33/,
  );
});

void t.test("a node on which no agent can run is a blocker", async (t) => {
  t.match(examine({ node: { operatingSystem: "windows" } }), /^blocker windows/);
  t.match(examine({ node: { architecture: "s390x" } }), /^blocker architecture: .*s390x/);
  t.match(
    examine({ labels: { "eks.amazonaws.com/compute-type": "fargate" } }),
    /blocker serverless: .*Fargate/,
  );
  t.match(examine({ labels: { type: "virtual-kubelet" } }), /blocker serverless: .*virtual kubelet/);
  const pod: Pod = { metadata: { name: "web-0" }, spec: { containers: [] } };
  const unseen = { unseen: "absent", because: "none" } as const;
  t.match(
    levelLines(nodeFindings({ pod, node: unseen, runtimeClass: undefined, form: "auto" })),
    /^blocker unscheduled/,
  );
});

void t.test("an old kernel or kubelet is told with what it lacks", async (t) => {
  t.match(examine({ node: { kernelVersion: "4.18.0-553.el8" } }), /^warning kernel: .*older than tproxy/);
  t.match(examine({ node: { kernelVersion: "5.4.0" } }), /^note kernel: .*before 5\.12/);
  t.match(examine({ node: { kubeletVersion: "v1.22.9" } }), /^warning ephemeral-containers/);
  t.match(examine({ node: { kubeletVersion: "v1.22.9" } }, "ephemeral"), /^blocker ephemeral-containers/);
  t.match(examine({ node: { kubeletVersion: "v1.22.9" } }, "pod"), /^ok node/);
});

void t.test("sandboxed runtimes are told by class and handler", async (t) => {
  t.match(examine({ spec: { runtimeClassName: "gvisor" } }), /warning sandbox: .*gVisor/);
  t.match(examine({ spec: { runtimeClassName: "secure" }, handler: "runsc" }), /warning sandbox: .*gVisor/);
  t.match(examine({ spec: { runtimeClassName: "kata-qemu" } }), /note sandbox: .*virtual machine/);
  t.match(examine({ spec: { runtimeClassName: "kata-qemu" } }, "pod"), /blocker sandbox/);
  t.match(examine({ spec: { runtimeClassName: "nvidia" } }), /note sandbox: .*nothing is known/);
});

void t.test("a node that may not be looked at is a note, unless the pod itself is of Windows", async (t) => {
  const unseen = { unseen: "forbidden", because: "ada may not get nodes in the whole cluster" } as const;
  const of = (spec: Partial<Pod["spec"]>) => {
    const pod: Pod = { metadata: { name: "web-0" }, spec: { containers: [], nodeName: "n1", ...spec } };
    return levelLines(nodeFindings({ pod, node: unseen, runtimeClass: undefined, form: "auto" }));
  };
  t.match(
    of({}),
    /^note node-unseen: node n1 could not be looked at \(ada may not get nodes in the whole cluster\)$/,
  );
  t.match(of({ os: { name: "windows" } }), /^blocker windows/);
  t.match(of({ nodeSelector: { "kubernetes.io/os": "windows" } }), /^blocker windows/);
});

void t.test("versions are read as vendors write them", async (t) => {
  t.same(["v1.33.2", "v1.29.1-eks-508b6b3", "1.20", "v2.0", "unknown"].map(minorOf), [
    33,
    29,
    20,
    undefined,
    undefined,
  ]);
});
