import { ephemeralAgents } from "../agent/agent-place.ts";
import type { KubernetesApi } from "../api/kubernetes-api.ts";
import type { KubernetesObject, Node, Service, Workload } from "../api/objects.ts";
import { type Resource, resources } from "../api/resource.ts";
import { type AccessAttributes, KubernetesError } from "../errors.ts";
import { workloadOfRollout } from "../targets/select-pods.ts";
import { neededRights, type NeededRight } from "./needed-rights.ts";
import type { ConfigMap, NetworkLook } from "./network-findings.ts";
import { minorOf, type RuntimeClass } from "./node-findings.ts";
import type { TrialOutcome } from "./pod-security-findings.ts";
import type { FoundPod, PreflightRequest } from "./preflight-request.ts";
import type { LimitRange, ResourceQuota } from "./quota-findings.ts";
import type { ReviewedRight } from "./rights-findings.ts";
import { type Seen, seen, valueOf } from "./seen.ts";

/** All that a preflight goes by, as far as it could be seen. */
export interface ClusterLook {
  readonly version: Seen<string>;
  readonly rights: readonly ReviewedRight[];
  /** Of the agent. */
  readonly namespaceObject: Seen<KubernetesObject>;
  /** Of the target, which a mesh may be named by. */
  readonly targetNamespaceObject: Seen<KubernetesObject>;
  /** Of a target that is one. */
  readonly service: Seen<Service> | undefined;
  readonly quotas: Seen<readonly ResourceQuota[]> | undefined;
  readonly limitRanges: Seen<readonly LimitRange[]> | undefined;
  readonly network: NetworkLook | undefined;
}

/** What is looked at once the pod is known. */
export interface PodLook {
  readonly node: Seen<Node>;
  readonly runtimeClass: Seen<RuntimeClass> | undefined;
  /** In the order in which the forms were tried; one that is taken ends it. */
  readonly trials: readonly TrialOutcome[];
}

const configMaps: Resource = {
  group: "",
  version: "v1",
  plural: "configmaps",
  kind: "ConfigMap",
  namespaced: true,
};
const runtimeClasses: Resource = {
  group: "node.k8s.io",
  version: "v1",
  plural: "runtimeclasses",
  kind: "RuntimeClass",
  namespaced: false,
};

/** Looks at what does not depend on the pod, all of it at once. @throws KubernetesError only where the API server cannot be asked at all */
export async function lookAtCluster(
  api: KubernetesApi,
  request: PreflightRequest,
  signal: AbortSignal,
): Promise<ClusterLook> {
  const { namespace, reference, features, depth } = request;
  const agentNamespace = features.form === "pod" ? (features.agentNamespace ?? namespace) : namespace;
  const isFull = depth === "full";
  const bounds = { signal };
  const get = <Item extends KubernetesObject>(resource: Resource, name: string, inside?: string) =>
    seen(() => api.get<Item>(resource, { name, namespace: inside }, bounds));
  const list = <Item extends KubernetesObject>(resource: Resource, inside: string) =>
    seen(async () => (await api.list<Item>(resource, { namespace: inside, signal })).items);
  const version = seen(async () => (await api.version(bounds)).gitVersion);
  const targetNamespaceObject = get<KubernetesObject>(resources.namespaces, namespace);
  // The only question whose answer must come: without it nobody knows anything.
  const rollout =
    reference.kind === "rollout" ? get<Workload>(resources.rollouts, reference.name, namespace) : undefined;
  const needed = (async () => {
    const known = rollout === undefined ? undefined : valueOf(await rollout);
    const standsFor = known === undefined ? undefined : workloadOfRollout(known);
    return neededRights({ namespace, reference, features, standsFor });
  })();
  const serverMinor = version.then((known) => minorOf(valueOf(known) ?? ""));
  const rights = needed.then((all) =>
    Promise.all(all.map((right) => reviewed(api, right, { serverMinor, signal }))),
  );
  const all = await Promise.all([
    version,
    rights,
    agentNamespace === namespace ? targetNamespaceObject : get(resources.namespaces, agentNamespace),
    targetNamespaceObject,
    reference.kind === "service" ? get<Service>(resources.services, reference.name, namespace) : undefined,
    isFull ? list<ResourceQuota>(resources.resourceQuotas, agentNamespace) : undefined,
    isFull ? list<LimitRange>(resources.limitRanges, agentNamespace) : undefined,
    isFull ? list<KubernetesObject>(resources.daemonSets, "kube-system") : undefined,
    isFull ? get<ConfigMap>(configMaps, "cilium-config", "kube-system") : undefined,
  ]);
  const [, , namespaceObject, , service, quotas, limitRanges, daemonSets, ciliumConfig] = all;
  return {
    version: all[0],
    rights: all[1],
    namespaceObject,
    targetNamespaceObject: all[3],
    service,
    quotas,
    limitRanges,
    network:
      daemonSets === undefined || ciliumConfig === undefined ? undefined : { daemonSets, ciliumConfig },
  };
}

/** Looks at the pod's surroundings, and tries what would be made. */
export async function lookAtPod(
  api: KubernetesApi,
  about: { readonly request: PreflightRequest; readonly found: FoundPod; readonly signal: AbortSignal },
): Promise<PodLook> {
  const { request, found, signal } = about;
  const { pod } = found;
  const { nodeName, runtimeClassName } = pod.spec;
  const [node, runtimeClass, trials] = await Promise.all([
    seen(() => {
      if (nodeName === undefined) throw new KubernetesError("not-found", "the pod is on no node");
      return api.get<Node>(resources.nodes, { name: nodeName }, { signal });
    }),
    runtimeClassName === undefined
      ? undefined
      : seen(() => api.get<RuntimeClass>(runtimeClasses, { name: runtimeClassName }, { signal })),
    tried(request, found, signal),
  ]);
  return { node, runtimeClass, trials };
}

async function tried(
  { trial, features }: PreflightRequest,
  found: FoundPod,
  signal: AbortSignal,
): Promise<TrialOutcome[]> {
  // Nothing will be made.
  if (ephemeralAgents(found.pod).length > 0) return [];
  const forms = features.form === "auto" ? (["ephemeral", "pod"] as const) : [features.form];
  const outcomes: TrialOutcome[] = [];
  for (const form of trial === undefined ? [] : forms) {
    try {
      await trial?.({ ...found, form, signal });
      return [...outcomes, { form, said: "yes" }];
    } catch (error) {
      outcomes.push({ form, said: "no", error });
    }
  }
  return outcomes;
}

async function reviewed(
  api: KubernetesApi,
  right: NeededRight,
  about: { readonly serverMinor: Promise<number | undefined>; readonly signal: AbortSignal },
): Promise<ReviewedRight> {
  const { access, orElse } = right;
  const { serverMinor, signal } = about;
  const [own, other] = await Promise.all([
    asked(api, access, signal),
    orElse === undefined ? undefined : asked(api, { ...access, verb: orElse.verb }, signal),
  ]);
  if (own.allowed !== false || orElse === undefined || other?.allowed !== true) return { ...right, ...own };
  const minor = await serverMinor;
  return { ...right, ...(minor === undefined || minor <= orElse.untilMinor ? other : own) };
}

async function asked(
  api: KubernetesApi,
  access: AccessAttributes,
  signal: AbortSignal,
): Promise<Pick<ReviewedRight, "allowed" | "reason">> {
  try {
    return await api.reviewAccess(access, { signal });
  } catch (error) {
    if (
      error instanceof KubernetesError &&
      ["unreachable", "unauthorized", "credentials"].includes(error.code)
    )
      throw error;
    return { allowed: undefined, reason: error instanceof Error ? error.message : String(error) };
  }
}
