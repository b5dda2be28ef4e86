import type { CallBounds, KubernetesApi } from "../api/kubernetes-api.ts";
import type { KubernetesObject } from "../api/objects.ts";
import { type Resource, resources } from "../api/resource.ts";
import { KubernetesError } from "../errors.ts";
import type { TargetKind, TargetReference } from "./target-reference.ts";

/** The kinds of the API behind those of targets; pods by labels are no object of their own. */
export const resourceOf: Readonly<Record<Exclude<TargetKind, "label">, Resource>> = {
  pod: resources.pods,
  deployment: resources.deployments,
  statefulset: resources.statefulSets,
  daemonset: resources.daemonSets,
  replicaset: resources.replicaSets,
  job: resources.jobs,
  cronjob: resources.cronJobs,
  service: resources.services,
  rollout: resources.rollouts,
};

/** Versions of a kind that older clusters have in its place. */
const before: Readonly<Partial<Record<TargetKind, Resource>>> = { cronjob: resources.oldCronJobs };

/**
 * Reads the object that a target names.
 * @throws KubernetesError `not-found`: what there is instead is in `candidates`, or in which other namespace it is in the hint
 */
export async function namedObject<Item extends KubernetesObject>(
  api: KubernetesApi,
  reference: TargetReference & { readonly kind: Exclude<TargetKind, "label"> },
  place: { readonly namespace: string } & CallBounds,
): Promise<Item> {
  const { kind, name } = reference;
  const { namespace, ...bounds } = place;
  const resource = resourceOf[kind];
  try {
    return await api.get<Item>(resource, { namespace, name }, bounds);
  } catch (error) {
    if (!(error instanceof KubernetesError) || error.code !== "not-found") throw error;
    const older = before[kind];
    const isKindUnknown = error.sought === undefined || !error.message.includes(JSON.stringify(name));
    if (older !== undefined && isKindUnknown) return await api.get<Item>(older, { namespace, name }, bounds);
    if (isKindUnknown) {
      throw new KubernetesError("not-found", `${reference.label}: the cluster has no ${resource.plural}`, {
        cause: error,
        hint: kind === "rollout" ? "Argo Rollouts is not installed there." : undefined,
      });
    }
    throw await withCandidates(api, reference, place);
  }
}

/** How many names are read for a hint. */
const maxRead = 500;

async function withCandidates(
  api: KubernetesApi,
  reference: TargetReference & { readonly kind: Exclude<TargetKind, "label"> },
  { namespace, ...bounds }: { readonly namespace: string } & CallBounds,
): Promise<KubernetesError> {
  const { kind, name, label } = reference;
  const resource = resourceOf[kind];
  const message = `${label}: there is no ${kind} ${name} in namespace ${namespace} (context ${api.cluster.context})`;
  const namesIn = async (options: { namespace?: string; fieldSelector?: string }) => {
    for await (const { items } of api.pages(resource, { ...options, ...bounds, limit: maxRead }))
      return items.map(({ metadata }) => metadata);
    return [];
  };
  try {
    const here = (await namesIn({ namespace })).map((metadata) => `${kind}/${metadata.name}`);
    const elsewhere = await namesIn({ fieldSelector: `metadata.name=${name}` }).catch(() => []);
    const [other] = elsewhere.filter((metadata) => metadata.namespace !== namespace);
    const hint =
      other?.namespace !== undefined
        ? `There is one in namespace ${other.namespace}: add --namespace ${other.namespace}.`
        : here.length === 0
          ? `That namespace has no ${resource.plural}; \`magpie targets --all-namespaces\` shows what there is.`
          : undefined;
    return new KubernetesError("not-found", message, { sought: `${kind}/${name}`, candidates: here, hint });
  } catch (error) {
    bounds.signal?.throwIfAborted();
    // Whoever may not list is told what was asked for, no more.
    if (error instanceof KubernetesError) return new KubernetesError("not-found", message);
    throw error;
  }
}
