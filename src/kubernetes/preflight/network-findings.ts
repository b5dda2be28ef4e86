import type { KubernetesObject, Pod } from "../api/objects.ts";
import type { Finding } from "./finding.ts";
import { type Seen, valueOf } from "./seen.ts";

/** A ConfigMap, as far as it matters. */
export type ConfigMap = KubernetesObject & { readonly data?: Readonly<Record<string, string>> };

/** What is known of the cluster's network. */
export interface NetworkLook {
  /** Names of the DaemonSets in kube-system and where networks put theirs. */
  readonly daemonSets: Seen<readonly KubernetesObject[]>;
  readonly ciliumConfig: Seen<ConfigMap>;
}

/** What the network of a pod means for taking its requests. */
export function networkFindings(pod: Pod, look: NetworkLook | undefined): Finding[] {
  return [
    ...hostNetworkFindings(pod),
    ...secondaryFindings(pod),
    ...(look === undefined ? [] : pluginFindings(look)),
  ];
}

function hostNetworkFindings({ spec, metadata }: Pod): Finding[] {
  if (spec.hostNetwork !== true) return [];
  return [
    {
      id: "host-network",
      level: "blocker",
      what: `pod ${metadata.name} uses the network of its node (hostNetwork)`,
      why: "a rule there would be one for all of the node, and the kubelet's own traffic would pass it",
      fix: "choose another target; for a while a copy of it can run without hostNetwork",
    },
  ];
}

/** Interfaces beside the cluster's own network. */
function secondaryFindings({ metadata }: Pod): Finding[] {
  const networks = metadata.annotations?.["k8s.v1.cni.cncf.io/networks"];
  if (networks === undefined) return [];
  return [
    {
      id: "secondary-network",
      level: "note",
      what: `the pod has further networks (${networks.replaceAll(/\s+/g, " ").slice(0, 120)}): requests from there are taken as well, unless the app drives the device itself (DPDK)`,
    },
  ];
}

function pluginFindings({ daemonSets, ciliumConfig }: NetworkLook): Finding[] {
  const names = valueOf(daemonSets)?.map(({ metadata }) => metadata.name) ?? [];
  const config = valueOf(ciliumConfig)?.data;
  if (config !== undefined || names.some((name) => name.startsWith("cilium"))) return ciliumFindings(config);
  const calico = valueOf(daemonSets)?.find(({ metadata }) => metadata.name === "calico-node");
  if (calico !== undefined) return calicoFindings(calico);
  const known = names.find((name) =>
    /flannel|weave|kube-router|aws-node|azure-cni|kindnet|antrea|ovn/.test(name),
  );
  if (known !== undefined)
    return [
      {
        id: "network",
        level: "ok",
        what: `the cluster's network is ${known}: nothing in it goes past the pod's own rules`,
      },
    ];
  if ("unseen" in daemonSets)
    return [
      {
        id: "network-unseen",
        level: "note",
        what: `which network plugin the cluster has could not be seen (${daemonSets.because})`,
        why: "the agent's rules are inside of the pod, where all of them deliver; should connections come past them, the session warns",
      },
    ];
  return [];
}

function ciliumFindings(config: ConfigMap["data"]): Finding[] {
  const on = (name: string): boolean => config?.[name] === "true";
  const facts: string[] = [];
  if (
    config?.["enable-host-legacy-routing"] === "false" ||
    config?.["routing-mode"] === "native" ||
    on("enable-bpf-masquerade")
  )
    facts.push("host routing by eBPF");
  if (on("bpf-lb-sock")) facts.push("socket load balancing");
  if (config?.["datapath-mode"]?.startsWith("netkit") === true) facts.push("netkit devices");
  const what = facts.length === 0 ? "Cilium" : `Cilium with ${facts.join(", ")}`;
  const findings: Finding[] = [
    {
      id: "network",
      level: "ok",
      what: `the cluster's network is ${what}`,
      why: "that goes past the rules of the node, not past those in the pod, where the agent's are",
    },
  ];
  if (on("sockops-enable"))
    findings.push({
      id: "sockops",
      level: "warning",
      what: "Cilium joins sockets of one node directly (sockops-enable)",
      why: "connections between pods of one node may go past the pod's rules once they stand",
      fix: "the session warns when it happens; Cilium 1.14 has no such option any more",
    });
  return findings;
}

/** What a DaemonSet's containers are given. */
interface EnvHolder {
  readonly spec?: { readonly template?: { readonly spec?: Pod["spec"] } };
}

function calicoFindings(calico: KubernetesObject & EnvHolder): Finding[] {
  const env = calico.spec?.template?.spec?.containers.flatMap(({ env = [] }) => env) ?? [];
  const isEbpf = env.some(({ name, value }) => name === "FELIX_BPFENABLED" && value === "true");
  return [
    {
      id: "network",
      level: "ok",
      what: `the cluster's network is Calico${isEbpf ? " with its eBPF data plane" : ""}`,
      ...(isEbpf
        ? { why: "that goes past the rules of the node, not past those in the pod, where the agent's are" }
        : {}),
    },
  ];
}
