import type {
  AgentPlacement,
  BeforePlacing,
  KubernetesApi,
  TargetReference,
} from "../../kubernetes/index.ts";

import type { AskedPorts } from "./asked-ports.ts";

/**
 * The preflight that goes before an agent is placed. Of several pods of a target each is looked at, and what they have in common is
 * told once.
 */
export class ClusterGate {
  readonly #told = new Set<string>();

  /** For one pod of the target. */
  of(about: {
    readonly api: KubernetesApi;
    readonly reference: TargetReference;
    readonly container: string;
    readonly placement: AgentPlacement;
    readonly asked: AskedPorts;
  }): BeforePlacing {
    const { api, reference, container, placement, asked } = about;
    return async ({ pod, settings, onWarning, signal = new AbortController().signal }) => {
      const { passPreflight, tryAgent } = await import("../../kubernetes/index.ts");
      const { namespace = api.cluster.namespace } = pod.metadata;
      const { form, image, imagePullPolicy } = placement;
      await passPreflight(
        api,
        {
          namespace,
          reference,
          features: {
            ...asked,
            looksIntoApp: settings.looksIntoApp,
            form,
            agentNamespace: placement.pod.namespace,
          },
          image,
          imagePullPolicy,
          findPod: () => Promise.resolve({ pod, container }),
          trial: ({ pod, form, signal }) =>
            tryAgent(api, { pod, form, container, placement, settings }, { signal }),
        },
        { onWarning: (message) => this.#tell(message, onWarning), signal },
      );
    };
  }

  #tell(message: string, onWarning: (message: string) => void): void {
    if (this.#told.has(message)) return;
    this.#told.add(message);
    onWarning(message);
  }
}
