import type { TargetReference } from "../../kubernetes/index.ts";
import type { PodProbe } from "../../protocol/index.ts";
import type { AgentSite } from "./agent-site.ts";
import type { TargetMembers } from "./target-members.ts";

/** What `--target` names. */
export type Target = HostTarget | ClusterTarget;

/** Something that has a network namespace on this machine. */
export type HostTarget =
  | { readonly kind: "netns"; readonly name: string }
  | { readonly kind: "netns-path"; readonly path: string }
  | { readonly kind: "pid"; readonly pid: number }
  /** Of podman or docker. */
  | { readonly kind: "container"; readonly name: string };

/** Pods of a cluster. */
export interface ClusterTarget {
  readonly kind: "kubernetes";
  readonly reference: TargetReference;
  readonly cluster: ClusterChoice;
}

/** Which cluster and namespace are meant, as far as the flags of these names say. */
export interface ClusterChoice {
  readonly namespace?: string | undefined;
  readonly context?: string | undefined;
  readonly kubeconfig?: string | undefined;
  /** Where agents are that are pods of their own; the namespace of the target when absent. */
  readonly agentNamespace?: string | undefined;
}

/** Those of them that were given. */
export function clusterChoiceOf({
  namespace,
  context,
  kubeconfig,
  agentNamespace,
}: ClusterChoice): ClusterChoice {
  return { namespace, context, kubeconfig, agentNamespace };
}

/** A target on this machine that exists: the way into its network namespace. */
export interface LocalTarget {
  /** As the user would write it; used in every message. */
  readonly label: string;
  /** The file that nsenter(1) and setns(2) take. */
  readonly netnsPath: string;
  /** The same for every path to the same namespace, as long as the namespace lives (namespaces(7)). */
  readonly netnsInode: bigint;
  /** Where the target's files are, as its agent sees them. */
  readonly podRoot: string;
  /** The process that was named as the target. */
  readonly process?: number;
}

/** What a command works on, wherever it is. */
export interface ResolvedTarget {
  /** As the user would write it; used in every message. */
  readonly label: string;
  /** Tells one target from another, however each is named: letters, digits, `-` and `_`, fit for a file's name. */
  readonly key: string;
  /** Where its agent is, and the ways to it; of several members that of one of them, chosen when it is first asked for. */
  readonly site: AgentSite;
  /** Where it stands for several that come and go, each a target of its own; absent where it is the one and only. */
  readonly members?: TargetMembers;
  /** The network namespace, where that is one of this machine. */
  readonly netnsInode?: bigint;
  /** Of which cluster it is. */
  readonly cluster?: ClusterChoice;
  /** The process that was named as the target. */
  readonly process?: number;
  /** Makes sure that this user may do what the target takes; where nobody on this machine decides that, it is absent. */
  readonly requirePrivilege?: () => void;
  /** The pod's port that a port of the target leads to: a service has numbers of its own. The same one where it is absent. */
  readonly portOf?: (port: number) => number;
  /** What the spec of a pod says of probes of one of its ports; known of Kubernetes alone. */
  readonly probesOf?: (port: number) => readonly PodProbe[];
}

/** Writes a target as it is written after `--target`. */
export function formatTarget(target: Target): string {
  if (target.kind === "kubernetes") return target.reference.label;
  if (target.kind === "pid") return `pid:${target.pid}`;
  if (target.kind === "container") return `container:${target.name}`;
  return `netns:${target.kind === "netns" ? target.name : target.path}`;
}
