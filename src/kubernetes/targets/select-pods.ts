import type { CallBounds, KubernetesApi } from "../api/kubernetes-api.ts";
import type { Pod, Service, Workload } from "../api/objects.ts";
import { type Resource, resources } from "../api/resource.ts";
import { KubernetesError } from "../errors.ts";
import { namedObject } from "./named-object.ts";
import {
  controlledBy,
  controlledByJobOf,
  controlledByReplicaSetOf,
  type PodSelection,
  selectorText,
} from "./pod-selection.ts";
import type { TargetKind, TargetReference } from "./target-reference.ts";

/** Which pods a target has, and what is known of it beside them. */
export interface SelectedPods {
  readonly selection: PodSelection;
  /** Why there may be none, where the object itself says so: scaled to zero, completed, suspended. */
  readonly emptyBecause: string | undefined;
  /** Of a service: which of its ports leads to which port of its pods. */
  readonly service: Service | undefined;
}

type Named = TargetReference & { readonly kind: Exclude<TargetKind, "label"> };

/** Reads what a target names and says which pods are its. @throws KubernetesError `not-found`, `unsuitable` */
export async function selectPods(
  api: KubernetesApi,
  reference: TargetReference,
  place: { readonly namespace: string } & CallBounds,
): Promise<SelectedPods> {
  const { kind, name } = reference;
  const { namespace } = place;
  if (kind === "label") return selected({ namespace, labelSelector: name, isOurs: () => true });
  const named: Named = { ...reference, kind };
  if (kind === "pod") {
    await namedObject<Pod>(api, named, place);
    return selected({ namespace, fieldSelector: `metadata.name=${name}`, isOurs: () => true });
  }
  if (kind === "service") return ofService(named, await namedObject<Service>(api, named, place), namespace);
  const workload = await namedObject<Workload>(api, named, place);
  if (kind === "cronjob") return await ofCronJob(api, { workload, named, place });
  if (kind === "rollout") return await ofRollout(api, { workload, named, place });
  const isOurs = kind === "deployment" ? controlledByReplicaSetOf(name) : controlledBy(workload);
  return selected({ namespace, labelSelector: selectorOf(workload, named), isOurs }, whyEmpty(workload));
}

function selected(selection: PodSelection, emptyBecause?: string): SelectedPods {
  return { selection, emptyBecause, service: undefined };
}

function ofService(named: Named, service: Service, namespace: string): SelectedPods {
  const { selector = {}, type, externalName } = service.spec ?? {};
  if (type === "ExternalName") {
    throw new KubernetesError(
      "unsuitable",
      `${named.label} is only another name for ${externalName ?? "a host"}`,
      {
        hint: "There are no pods behind it.",
      },
    );
  }
  if (Object.keys(selector).length === 0) {
    throw new KubernetesError(
      "unsuitable",
      `${named.label} has no selector: somebody else says where it leads`,
      {
        hint: "Name its pods another way, as deployment/<name> or label:<key>=<value>.",
      },
    );
  }
  const labelSelector = selectorText({ matchLabels: selector });
  return { ...selected({ namespace, labelSelector, isOurs: () => true }), service };
}

interface About {
  readonly workload: Workload;
  readonly named: Named;
  readonly place: { readonly namespace: string } & CallBounds;
}

async function ofCronJob(api: KubernetesApi, { workload, named, place }: About): Promise<SelectedPods> {
  const { items } = await api.list<Workload>(resources.jobs, place);
  const own = items.filter(({ metadata }) =>
    metadata.ownerReferences?.some(({ uid }) => uid === workload.metadata.uid),
  );
  const isOurs = controlledByJobOf(named.name, new Set(own.map(({ metadata }) => metadata.name)));
  const { suspend, schedule = "" } = workload.spec ?? {};
  const when = suspend === true ? "it is suspended" : `its next job comes as its schedule says (${schedule})`;
  const because = `none of its jobs runs now; ${when}`;
  return selected({ namespace: place.namespace, labelSelector: "job-name", isOurs }, because);
}

async function ofRollout(api: KubernetesApi, { workload, named, place }: About): Promise<SelectedPods> {
  const isOurs = controlledByReplicaSetOf(named.name);
  let template = workload;
  const standsFor = workloadOfRollout(workload);
  if (standsFor !== undefined) {
    const { resource, name } = standsFor;
    const reference = { namespace: place.namespace, name };
    template = await api.get<Workload>(resource, reference, { signal: place.signal });
  }
  const labelSelector = selectorOf(template, named);
  return selected({ namespace: place.namespace, labelSelector, isOurs }, whyEmpty(workload));
}

/**
 * What a rollout without a selector of its own stands for (`workloadRef`): its pods have the selector of that. Undefined where it
 * has its own.
 */
export function workloadOfRollout({ spec }: Workload): { resource: Resource; name: string } | undefined {
  const { selector, workloadRef } = spec ?? {};
  if (selector !== undefined || workloadRef?.name === undefined) return undefined;
  const resource = workloadRef.kind === "ReplicaSet" ? resources.replicaSets : resources.deployments;
  return { resource, name: workloadRef.name };
}

function selectorOf({ spec }: Workload, { label }: Named): string {
  const text = selectorText(spec?.selector ?? {});
  // An empty selector would be every pod of the namespace.
  if (text === "") throw new KubernetesError("unsuitable", `${label} does not say which pods are its own`);
  return text;
}

function whyEmpty({ spec, status, kind }: Workload): string | undefined {
  if (spec?.replicas === 0) return "it is scaled to zero replicas";
  if (status?.desiredNumberScheduled === 0) return "no node is fit for it";
  if (kind !== undefined && kind !== "Job") return undefined;
  const ended = status?.conditions?.find(
    ({ type, status }) => status === "True" && /^(?:Complete|Failed)$/.test(type),
  );
  if (ended !== undefined)
    return ended.type === "Complete"
      ? "the job is completed"
      : `the job failed: ${ended.reason ?? "unknown"}`;
  return spec?.suspend === true ? "the job is suspended" : undefined;
}
