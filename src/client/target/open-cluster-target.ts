import { createHash } from "node:crypto";
import { type AskedPorts, noPorts } from "./asked-ports.ts";
import { type ClusterAgentFlags, placementOf } from "./cluster-placement.ts";
import { ClusterMembers } from "./cluster-members.ts";
import { ClusterPod, clusterSite } from "./cluster-site.ts";
import type { ClusterTarget, ResolvedTarget } from "./target.ts";

/**
 * Gives what names pods of a cluster, with the way to the agent beside the first of them. Nothing is asked of the cluster, and
 * its room is not loaded, before the target is joined.
 * @throws ClientError `usage`
 */
export function openClusterTarget(
  target: ClusterTarget,
  flags: ClusterAgentFlags = {},
  asked: AskedPorts = noPorts,
): ResolvedTarget {
  const { reference, cluster } = target;
  const { agentNamespace, ...choice } = cluster;
  const wanted = placementOf(flags, agentNamespace);
  const pod = new ClusterPod({ reference, choice, wanted, asked });
  const keyOfPod = ({ name, namespace }: { name: string; namespace: string }): string => {
    const reference = { kind: "pod", name, label: `pod/${name}`, container: undefined } as const;
    return keyOf({ ...target, reference, cluster: { ...cluster, namespace } });
  };
  // Whoever names one pod means that one.
  const members =
    reference.kind === "pod"
      ? {}
      : { members: new ClusterMembers({ reference, cluster, choice, wanted, asked, keyOfPod }) };
  return {
    label: reference.label,
    key: keyOf(target),
    site: clusterSite(pod),
    cluster,
    ...members,
    probesOf: (port) => pod.probesOf(port),
  };
}

/** The same for the same words: which cluster a context means is not asked here. */
function keyOf({ reference, cluster }: ClusterTarget): string {
  const { context = "", namespace = "", kubeconfig = process.env["KUBECONFIG"] ?? "" } = cluster;
  const words = [kubeconfig, context, namespace, reference.kind, reference.name];
  return `k8s-${createHash("sha256").update(words.join("\0")).digest("hex").slice(0, 20)}`;
}
