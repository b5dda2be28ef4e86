import type { PodContainer } from "../agent/pod-agents.ts";
import type { KubernetesApi } from "../api/kubernetes-api.ts";
import { KubernetesError } from "../errors.ts";
import { findPods } from "./find-pods.ts";
import type { TargetReference } from "./target-reference.ts";

/** Finds the pod that a target's environment and files come from, and its container. @throws KubernetesError */
export async function findTargetPod(
  api: KubernetesApi,
  reference: TargetReference,
  { signal }: { readonly signal?: AbortSignal | undefined },
): Promise<PodContainer> {
  const { pods, namespace } = await findPods(api, reference, { signal });
  const [first] = pods;
  if (first === undefined) throw new KubernetesError("unready", `${reference.label} has no ready pod`);
  return { namespace, pod: first.name, container: first.container.name };
}
