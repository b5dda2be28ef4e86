import t from "tap";
import type { KubernetesObject, Pod } from "../../../src/kubernetes/index.ts";
import { networkFindings } from "../../../src/kubernetes/preflight/network-findings.ts";
import { levelLines } from "./level-lines.ts";

const pod: Pod = { metadata: { name: "web-0" }, spec: { containers: [] } };
const absent = { unseen: "absent", because: "there is none" } as const;

function examine(daemonSets: readonly string[], config?: Record<string, string>): string {
  const value = daemonSets.map((name): KubernetesObject => ({ metadata: { name } }));
  const ciliumConfig =
    config === undefined ? absent : { value: { metadata: { name: "cilium-config" }, data: config } };
  return levelLines(networkFindings(pod, { daemonSets: { value }, ciliumConfig }));
}

void t.test("which paths past the node's rules a network has is told, and what it means", async (t) => {
  t.match(examine(["kindnet", "kube-proxy"]), /^ok network: the cluster's network is kindnet/);
  t.match(examine(["cilium"]), /^ok network: the cluster's network is Cilium$/);
  t.match(
    examine(["cilium"], {
      "enable-host-legacy-routing": "false",
      "bpf-lb-sock": "true",
      "datapath-mode": "netkit",
    }),
    /Cilium with host routing by eBPF, socket load balancing, netkit devices/,
  );
  t.match(examine([], { "sockops-enable": "true" }), /warning sockops/);
  t.match(examine(["calico-node"]), /^ok network: the cluster's network is Calico$/);
  const calico = {
    metadata: { name: "calico-node" },
    spec: {
      template: {
        spec: { containers: [{ name: "calico-node", env: [{ name: "FELIX_BPFENABLED", value: "true" }] }] },
      },
    },
  };
  t.match(
    levelLines(networkFindings(pod, { daemonSets: { value: [calico] }, ciliumConfig: absent })),
    /Calico with its eBPF data plane/,
  );
  t.equal(examine(["something-else"]), "", "nothing is said of what is not known");
  const forbidden = { unseen: "forbidden", because: "ada may not list daemonsets.apps" } as const;
  t.match(
    levelLines(networkFindings(pod, { daemonSets: forbidden, ciliumConfig: forbidden })),
    /^note network-unseen: .*\(ada may not list daemonsets\.apps\)/,
  );
});

void t.test(
  "a pod in the network of its node is none to steal from; further networks are noted",
  async (t) => {
    t.match(
      levelLines(networkFindings({ ...pod, spec: { containers: [], hostNetwork: true } }, undefined)),
      /^blocker host-network/,
    );
    const annotations = { "k8s.v1.cni.cncf.io/networks": "sriov-a" };
    t.match(
      levelLines(networkFindings({ ...pod, metadata: { name: "web-0", annotations } }, undefined)),
      /^note secondary-network: .*sriov-a/,
    );
  },
);
