import type { PodContainer } from "../agent/pod-agents.ts";
import type { KubernetesApi } from "../api/kubernetes-api.ts";
import type { Pod } from "../api/objects.ts";
import { resources } from "../api/resource.ts";
import { KubernetesError } from "../errors.ts";
import type { TargetReference } from "./target-reference.ts";

/** Finds the pod that a target's environment and files come from, and its container. @throws KubernetesError */
export async function findTargetPod(
  api: KubernetesApi,
  reference: TargetReference,
  { signal }: { readonly signal?: AbortSignal | undefined },
): Promise<PodContainer> {
  const { namespace } = api.cluster;
  if (reference.kind !== "pod")
    throw new KubernetesError("unsuitable", `${reference.label}: only pod/<name> is known yet`);
  const pod = await api.get<Pod>(resources.pods, { namespace, name: reference.name }, { signal });
  const container = reference.container ?? pod.spec.containers[0]?.name ?? "";
  return { namespace, pod: pod.metadata.name, container };
}
