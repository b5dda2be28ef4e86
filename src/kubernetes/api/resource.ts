/** A kind of object as the API's paths name it. */
export interface Resource {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  /** Plural, as in paths and Roles. */
  readonly plural: string;
  /** As in `kind:`. */
  readonly kind: string;
  /** Nodes and namespaces are of the whole cluster. */
  readonly namespaced: boolean;
}

const core = (plural: string, kind: string, namespaced = true): Resource => ({
  group: "",
  version: "v1",
  plural,
  kind,
  namespaced,
});
const grouped = (group: string, plural: string, kind: string, version = "v1"): Resource => ({
  group,
  version,
  plural,
  kind,
  namespaced: true,
});

/** What Magpie reads or makes. */
export const resources = {
  pods: core("pods", "Pod"),
  services: core("services", "Service"),
  endpoints: core("endpoints", "Endpoints"),
  events: core("events", "Event"),
  resourceQuotas: core("resourcequotas", "ResourceQuota"),
  limitRanges: core("limitranges", "LimitRange"),
  serviceAccounts: core("serviceaccounts", "ServiceAccount"),
  namespaces: core("namespaces", "Namespace", false),
  nodes: core("nodes", "Node", false),
  deployments: grouped("apps", "deployments", "Deployment"),
  statefulSets: grouped("apps", "statefulsets", "StatefulSet"),
  daemonSets: grouped("apps", "daemonsets", "DaemonSet"),
  replicaSets: grouped("apps", "replicasets", "ReplicaSet"),
  jobs: grouped("batch", "jobs", "Job"),
  cronJobs: grouped("batch", "cronjobs", "CronJob"),
  /** Clusters before 1.21 know no other. */
  oldCronJobs: grouped("batch", "cronjobs", "CronJob", "v1beta1"),
  rollouts: grouped("argoproj.io", "rollouts", "Rollout", "v1alpha1"),
} as const satisfies Record<string, Resource>;

/** Which object of a kind, or which part of one. */
export interface ObjectReference {
  /** Absent: of all namespaces, or of a kind that has none. */
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  /** `log`, `exec`, `ephemeralcontainers` … */
  readonly subresource?: string | undefined;
}

/** The API's path to objects: `/apis/apps/v1/namespaces/shop/deployments/web`. */
export function pathTo(resource: Resource, { namespace, name, subresource }: ObjectReference): string {
  const root =
    resource.group === "" ? `/api/${resource.version}` : `/apis/${resource.group}/${resource.version}`;
  const parts = [
    ...(resource.namespaced && namespace !== undefined ? ["namespaces", namespace] : []),
    resource.plural,
    ...(name === undefined ? [] : [name]),
    ...(subresource === undefined ? [] : [subresource]),
  ];
  return [root, ...parts.map(encodeURIComponent)].join("/");
}
