import type { LabelSelector, Pod, Workload } from "../api/objects.ts";

/** Which pods are a target's: what the API server is asked for, and which of those it gives. */
export interface PodSelection {
  readonly namespace: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Selectors of different owners may overlap: only their own count. */
  readonly isOurs: (pod: Pod) => boolean;
}

/** Writes a selector as queries have it. */
export function selectorText({ matchLabels = {}, matchExpressions = [] }: LabelSelector): string {
  const equal = Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`);
  const others = matchExpressions.map(({ key, operator, values = [] }) => {
    if (operator === "Exists") return key;
    if (operator === "DoesNotExist") return `!${key}`;
    return `${key} ${operator === "In" ? "in" : "notin"} (${values.join(",")})`;
  });
  return [...equal, ...others].join(",");
}

/** Pods that a workload controls itself: those of a StatefulSet, DaemonSet, ReplicaSet, Job. */
export function controlledBy({ metadata }: Workload): (pod: Pod) => boolean {
  return (pod) => controllerOf(pod)?.uid === metadata.uid;
}

/**
 * Pods of a Deployment or Rollout, whose ReplicaSets are named after the hash of their template. So the owner in between need not
 * be read, which takes a right of its own.
 */
export function controlledByReplicaSetOf(name: string): (pod: Pod) => boolean {
  return (pod) => {
    const owner = controllerOf(pod);
    const { labels = {} } = pod.metadata;
    const hash = labels["pod-template-hash"] ?? labels["rollouts-pod-template-hash"];
    return owner?.kind === "ReplicaSet" && (hash === undefined || owner.name === `${name}-${hash}`);
  };
}

/** Pods of a CronJob's jobs: those that are known, and those it makes later, which it names after the time. */
export function controlledByJobOf(name: string, jobs: ReadonlySet<string>): (pod: Pod) => boolean {
  return (pod) => {
    const owner = controllerOf(pod);
    if (owner?.kind !== "Job") return false;
    const isOfTime = owner.name.startsWith(`${name}-`) && /^\d+$/.test(owner.name.slice(name.length + 1));
    return isOfTime || jobs.has(owner.name);
  };
}

function controllerOf(pod: Pod) {
  return pod.metadata.ownerReferences?.find(({ controller }) => controller === true);
}
