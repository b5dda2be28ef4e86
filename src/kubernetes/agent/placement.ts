import packageJson from "../../../package.json" with { type: "json" };
import type { Quantities, SecurityContext } from "../api/objects.ts";

/** How an agent is put beside a pod. Every field may come from flags or a config file. */
export interface AgentPlacement {
  /** `auto` tries an ephemeral container first, and a pod on the same node where that is not allowed. */
  readonly form: "auto" | "ephemeral" | "pod";
  /** With a tag or a digest. */
  readonly image: string;
  readonly imagePullPolicy: "Always" | "IfNotPresent" | "Never" | undefined;
  /** Added to ours, which win where a key is the same: for what an admission rule asks of every container. */
  readonly securityContext: SecurityContext;
  /** It may look into the app, also where whoever places it does not want that: others can join it who do. */
  readonly looks: boolean;
  /** How long the agent stays when its last client has left. */
  readonly lingerMs: number;
  /** Until the agent runs, its image's way to the node included. */
  readonly startTimeoutMs: number;
  readonly pod: PodPlacement;
}

/** What only an agent that is a pod of its own can have: an ephemeral container takes these from its pod, or has none. */
export interface PodPlacement {
  /** Where it is made; the target's own namespace when absent. */
  readonly namespace: string | undefined;
  readonly pullSecrets: readonly string[];
  readonly resources: { readonly requests?: Quantities; readonly limits?: Quantities } | undefined;
  readonly tolerations: readonly unknown[];
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly runtimeClass: string | undefined;
  /** It may live no longer, whatever happens. */
  readonly deadlineSeconds: number;
}

/** The image of our own version. */
export const defaultImage = `ghcr.io/magpie-dev/magpie-agent:${packageJson.version}`;

/** A working day and more. */
const deadlineSeconds = 12 * 3_600;

export const defaultPlacement: AgentPlacement = {
  form: "auto",
  image: defaultImage,
  imagePullPolicy: undefined,
  securityContext: {},
  looks: false,
  lingerMs: 10_000,
  startTimeoutMs: 120_000,
  pod: {
    namespace: undefined,
    pullSecrets: [],
    resources: undefined,
    // The target runs on that node, whatever its taints.
    tolerations: [{ operator: "Exists" }],
    labels: {},
    annotations: {},
    runtimeClass: undefined,
    deadlineSeconds,
  },
};
