import { setTimeout as sleep } from "node:timers/promises";
import type { KubernetesApi } from "../api/kubernetes-api.ts";
import type { ContainerState, Pod } from "../api/objects.ts";
import { resources } from "../api/resource.ts";
import { KubernetesError } from "../errors.ts";
import { type AgentPlace, statusOf } from "./agent-place.ts";

/** What keeps a container from ever running, as the kubelet names it (pkg/kubelet/images, kuberuntime). */
const lasting: ReadonlyMap<string, "image" | "container"> = new Map([
  ["ImagePullBackOff", "image"],
  ["ErrImageNeverPull", "image"],
  ["InvalidImageName", "image"],
  ["CreateContainerConfigError", "container"],
  ["CreateContainerError", "container"],
  ["RunContainerError", "container"],
]);

const firstLookMs = 100;
const maxLookMs = 500;

/**
 * Waits until the agent's container runs, or has run. Says what it waits for when that changes.
 * @throws KubernetesError `failed` with what the kubelet says when it never will, `timeout`, `unready` when the pod goes meanwhile
 */
export async function waitForAgent(
  api: KubernetesApi,
  about: {
    readonly place: AgentPlace;
    readonly image: string;
    readonly timeoutMs: number;
    readonly onProgress?: ((message: string) => void) | undefined;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<ContainerState> {
  const { place, image, onProgress, signal } = about;
  const { namespace, pod: name } = place;
  const untilMs = performance.now() + about.timeoutMs;
  let told = "";
  for (let waitMs = firstLookMs; ; waitMs = Math.min(maxLookMs, waitMs * 1.3)) {
    await sleep(waitMs, undefined, { signal });
    const pod = await api.get<Pod>(resources.pods, { namespace, name }, { signal });
    const state = statusOf(pod, place.container)?.state;
    if (state?.running !== undefined || state?.terminated !== undefined) return state;
    const waiting = whyWaiting(pod, state);
    refuseLasting(waiting, { place, image });
    if (pod.metadata.deletionTimestamp !== undefined)
      throw new KubernetesError("unready", `pod ${name} is on its way out`, {
        hint: "Run it again: the pod that takes its place is used.",
      });
    const said = textOf(waiting);
    if (performance.now() > untilMs)
      throw new KubernetesError(
        "timeout",
        `the agent (${place.name}) did not run within ${Math.round(about.timeoutMs / 1_000)} s: ${said || "the kubelet said nothing"}`,
        { hint: `\`kubectl describe pod -n ${namespace} ${name}\` shows what its node says of it.` },
      );
    if (said !== "" && said !== told) onProgress?.(`waiting for ${place.name}: ${said}`);
    told = said;
  }
}

interface Waiting {
  readonly reason: string;
  readonly message: string;
}

/** Why a container does not run yet: its own state, or for a pod that no node has taken, the pod's. */
function whyWaiting(pod: Pod, state: ContainerState | undefined): Waiting {
  if (state?.waiting !== undefined)
    return { reason: state.waiting.reason ?? "", message: state.waiting.message ?? "" };
  const { phase, reason = "", message = "" } = pod.status ?? {};
  // A kubelet that does not take a pod ends it at once: OutOfcpu, NodeAffinity, and the like.
  if (phase === "Failed") return { reason: "Rejected", message: `${reason}: ${message}` };
  return { reason: "", message };
}

function refuseLasting({ reason, message }: Waiting, about: { place: AgentPlace; image: string }): void {
  const { place, image } = about;
  if (reason === "Rejected")
    throw new KubernetesError("failed", `the node does not take the agent (${place.name}): ${message}`);
  const kind = lasting.get(reason);
  if (kind === undefined) return;
  if (kind === "image")
    throw new KubernetesError(
      "failed",
      `the agent's image ${image} is not to be had: ${reason}: ${message}`,
      {
        hint:
          "Name one that the node can pull by --agent-image (docs/image.md says how to mirror it); " +
          "pull secrets are those of the pod, or --agent-pull-secret for an agent that is a pod.",
      },
    );
  throw new KubernetesError(
    "failed",
    `the agent's container ${place.container} could not be made: ${reason}: ${message}`,
    { hint: "--agent pod puts it beside the pod instead, on the same node." },
  );
}

function textOf({ reason, message }: Waiting): string {
  return [reason, message].filter((part) => part !== "").join(": ");
}
