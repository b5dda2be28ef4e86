import type { Pod } from "../api/objects.ts";
import type { TargetReference } from "../targets/target-reference.ts";

/** What is to be done with a target, as far as rights and surroundings depend on it. */
export interface AskedFeatures {
  /** Ports whose requests are wanted, as the target has them: those of a service are its own. Empty where none are named yet. */
  readonly ports: readonly number[];
  /** Whether requests are taken or copied at all. */
  readonly incoming: boolean;
  /** Whether variables and files of the app are wanted: the agent needs more capabilities for that. */
  readonly looksIntoApp: boolean;
  /** How the agent is put there. */
  readonly form: "auto" | "ephemeral" | "pod";
  /** The namespace of an agent that is a pod of its own; the target's when absent. */
  readonly agentNamespace?: string | undefined;
}

/** The pod that a target leads to, and which container of it. */
export interface FoundPod {
  readonly pod: Pod;
  readonly container: string | undefined;
  /** What there is to say of how they were found. */
  readonly notes?: readonly string[];
}

/** What a preflight is about. */
export interface PreflightRequest {
  readonly namespace: string;
  readonly reference: TargetReference;
  readonly features: AskedFeatures;
  /** The agent's image. */
  readonly image: string;
  readonly imagePullPolicy?: string | undefined;
  /** Gives the target's pod, of several the one that environment and files come from. @throws KubernetesError when there is none */
  readonly findPod: (signal: AbortSignal) => Promise<FoundPod>;
  /**
   * Has the API server go through what would be made without making it (`dryRun=All`), so that every rule of admission has its
   * say. Rejects with KubernetesError where it would be refused. Left out, labels of the namespace are all there is to go by.
   */
  readonly trial?:
    | ((
        about: FoundPod & { readonly form: "ephemeral" | "pod"; readonly signal: AbortSignal },
      ) => Promise<unknown>)
    | undefined;
  /**
   * `quick` is what goes before each session: what can end it. `full` looks around, too, as the doctor does: network, mesh of the
   * namespace, quotas.
   */
  readonly depth: "quick" | "full";
}
