import type { KubernetesApi } from "../api/kubernetes-api.ts";
import type { Pod } from "../api/objects.ts";
import { resources } from "../api/resource.ts";
import type { AgentSettings } from "./agent-arguments.ts";
import { ephemeralAgent } from "./ephemeral-agent.ts";
import { pinnedAgent } from "./pinned-agent.ts";
import type { AgentPlacement } from "./placement.ts";

/**
 * Has the API server go through the making of an agent without making it (`dryRun=All`): rights, Pod Security, quotas and webhooks have
 * their say, and nothing is left of it.
 * @throws KubernetesError as making it would; the signal's reason
 */
export async function tryAgent(
  api: KubernetesApi,
  about: {
    readonly form: "ephemeral" | "pod";
    readonly pod: Pod;
    readonly container: string;
    readonly placement: AgentPlacement;
    readonly settings: AgentSettings;
  },
  { signal }: { readonly signal: AbortSignal },
): Promise<void> {
  const bounds = { dryRun: true, signal };
  if (about.form === "ephemeral") {
    const { name, namespace = "default" } = about.pod.metadata;
    await api.addEphemeralContainer({ name, namespace }, ephemeralAgent(about), bounds);
  } else await api.create<Pod>(resources.pods, pinnedAgent(about), bounds);
}
