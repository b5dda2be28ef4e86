import type { KubernetesError, KubernetesErrorCode } from "../../kubernetes/index.ts";
import { ClientError, type ClientErrorCode } from "../errors.ts";

const codes: Readonly<Record<KubernetesErrorCode, ClientErrorCode>> = {
  kubeconfig: "usage",
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

/** What a cluster's refusal is to whoever runs the command. */
export function clusterError(error: KubernetesError): ClientError {
  const hint = error.hint === undefined ? {} : { hint: error.hint };
  return new ClientError(codes[error.code], error.message, { ...hint, cause: error });
}
