import { KubernetesError } from "../errors.ts";
import { resourceHint } from "./resource-refusal.ts";

/**
 * Says what it means that an agent was not let in, and the way out. `form` is what was tried. Anything else is given back as it is.
 */
export function explainRefusal(
  error: unknown,
  about: { readonly form: "ephemeral" | "pod"; readonly namespace: string },
): unknown {
  if (!(error instanceof KubernetesError)) return error;
  const { form, namespace } = about;
  const what = form === "ephemeral" ? "an ephemeral container with NET_ADMIN" : "a privileged pod";
  const level = /violates PodSecurity "([a-z]+):/.exec(error.message)?.[1];
  if (level !== undefined)
    return new KubernetesError(
      "denied",
      `namespace ${namespace} enforces the Pod Security level "${level}", which refuses ${what}: ${error.message}`,
      {
        cause: error,
        hint:
          (form === "ephemeral"
            ? "--agent pod --agent-namespace <one that allows privileged pods> keeps this namespace as it is. Or an administrator allows it here: "
            : "--agent-namespace names another one for it, or an administrator allows it here: ") +
          `kubectl label namespace ${namespace} pod-security.kubernetes.io/enforce=privileged --overwrite`,
      },
    );
  const hint = error.code === "denied" ? resourceHint(error.message) : undefined;
  if (hint !== undefined)
    return new KubernetesError(
      "denied",
      `namespace ${namespace} has no room for the agent as it is: ${error.message}`,
      { cause: error, hint },
    );
  if (
    form === "ephemeral" &&
    error.code === "not-found" &&
    error.message.includes("the server could not find the requested resource")
  )
    return new KubernetesError(
      "unsuitable",
      "this cluster has no ephemeral containers (Kubernetes before 1.23)",
      {
        cause: error,
        hint: "--agent pod makes a pod on the same node instead.",
      },
    );
  return error;
}

/** Whether another form may be let in where this one was not. */
export function mayTryPod(error: unknown): boolean {
  return (
    error instanceof KubernetesError &&
    (error.code === "forbidden" ||
      error.code === "denied" ||
      error.code === "unsuitable" ||
      error.code === "invalid")
  );
}
