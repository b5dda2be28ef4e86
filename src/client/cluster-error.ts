import { KubernetesError, type KubernetesErrorCode } from "../kubernetes/index.ts";
import { ClientError, type ClientErrorCode } from "./errors.ts";
import { closest } from "./text/closest.ts";

/** What each failure of a cluster means to whoever typed the command. */
const codes: Readonly<Record<KubernetesErrorCode, ClientErrorCode>> = {
  kubeconfig: "usage",
  credentials: "not-permitted",
  unauthorized: "not-permitted",
  forbidden: "not-permitted",
  denied: "not-permitted",
  unreachable: "cluster-unreachable",
  timeout: "cluster-unreachable",
  throttled: "cluster-unreachable",
  failed: "cluster-unreachable",
  "not-found": "target-unknown",
  unready: "target-unready",
  unsuitable: "target-unready",
  conflict: "cluster-refused",
  gone: "cluster-refused",
  invalid: "cluster-refused",
};

const maxShown = 20;

/** Says a failure of a cluster in the client's own terms; any other error is given as it is. */
export function clientErrorOf(error: unknown): unknown {
  if (!(error instanceof KubernetesError)) return error;
  const hints = [candidatesHint(error), error.hint].filter((hint) => hint !== undefined);
  return new ClientError(codes[error.code], error.message, {
    ...(hints.length === 0 ? {} : { hint: hints.join(" ") }),
    cause: error,
  });
}

/** Runs what asks a cluster. @throws ClientError in place of KubernetesError. */
export async function askingCluster<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask();
  } catch (error) {
    throw clientErrorOf(error);
  }
}

function candidatesHint({ sought, candidates }: KubernetesError): string | undefined {
  if (candidates.length === 0) return undefined;
  const meant = sought === undefined ? undefined : closest(sought, candidates);
  const shown = candidates.slice(0, maxShown).join(", ") + (candidates.length > maxShown ? ", …" : "");
  return `${meant === undefined ? "" : `Did you mean ${meant}? `}There are: ${shown}.`;
}
