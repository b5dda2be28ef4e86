import type { KubernetesError, KubernetesErrorCode } from "../../kubernetes/index.ts";
import { ClientError, type ClientErrorCode } from "../errors.ts";
import { closest } from "../text/closest.ts";

const codes: Readonly<Record<KubernetesErrorCode, ClientErrorCode>> = {
  kubeconfig: "usage",
  "no-cluster": "usage",
  credentials: "not-permitted",
  unreachable: "cluster-unreachable",
  timeout: "cluster-unreachable",
  unauthorized: "not-permitted",
  forbidden: "not-permitted",
  denied: "cluster-refused",
  "not-found": "target-unknown",
  conflict: "cluster-refused",
  gone: "cluster-unreachable",
  invalid: "cluster-refused",
  throttled: "cluster-unreachable",
  unready: "target-unready",
  unsuitable: "target-unready",
  failed: "agent-start",
};

const maxShown = 20;

/** What a cluster's refusal is to whoever runs the command. */
export function clusterError(error: KubernetesError): ClientError {
  const hints = [candidatesHint(error), error.hint].filter((hint) => hint !== undefined);
  const hint = hints.length === 0 ? {} : { hint: hints.join(" ") };
  return new ClientError(codes[error.code], error.message, { ...hint, cause: error });
}

/** What there is in place of what was asked for. */
function candidatesHint({ sought, candidates }: KubernetesError): string | undefined {
  if (candidates.length === 0) return undefined;
  const meant = sought === undefined ? undefined : closest(sought, candidates);
  const shown = candidates.slice(0, maxShown).join(", ") + (candidates.length > maxShown ? ", …" : "");
  return `${meant === undefined ? "" : `Did you mean ${meant}? `}There are: ${shown}.`;
}
