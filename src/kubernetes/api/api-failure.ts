import { type AccessAttributes, formatAccess, KubernetesError } from "../errors.ts";
import type { ClusterAccess } from "./cluster-access.ts";
import type { Status } from "./objects.ts";

/** What was asked, for the message of a refusal. */
export interface Asked {
  readonly access: AccessAttributes | undefined;
  /** `GET /api/v1/pods`. */
  readonly line: string;
}

/** Says what a refusal of the API server means. `body` is its answer, a Status if it is as it should be. */
export function errorOfAnswer(
  answer: { readonly status: number; readonly body: string; readonly asked: Asked },
  cluster: ClusterAccess,
): KubernetesError {
  const status = readStatus(answer.body);
  const { asked } = answer;
  const code = status?.code ?? answer.status;
  const said = status?.message ?? (answer.body.trim().split("\n")[0]?.slice(0, 500) || "it said nothing");
  switch (code) {
    case 401:
      return new KubernetesError(
        "unauthorized",
        `${where(cluster)} does not take the credentials of user ${cluster.user.name || "(none)"}: ${said}`,
        {
          status: code,
          hint: "They have expired, or are for another cluster. Log in again, as you do for kubectl.",
        },
      );
    case 403:
      return forbidden(said, asked, cluster);
    case 404:
      return new KubernetesError("not-found", said, {
        status: code,
        ...(asked.access?.name === undefined ? {} : { sought: asked.access.name }),
      });
    case 409:
      return new KubernetesError("conflict", said, { status: code });
    case 410:
      return new KubernetesError("gone", said, { status: code });
    case 400:
    case 422:
      return new KubernetesError("invalid", said, { status: code });
    case 429:
      return new KubernetesError("throttled", `${where(cluster)} is too busy: ${said}`, {
        status: code,
        hint: "Try again in a moment.",
      });
    case 504:
      return new KubernetesError("timeout", `${where(cluster)} gave up on ${asked.line}: ${said}`, {
        status: code,
      });
    default:
      return new KubernetesError("failed", `${where(cluster)} answered ${asked.line} with ${code}: ${said}`, {
        status: code,
      });
  }
}

/** How a cluster is named in messages. */
export function where({ cluster, context }: ClusterAccess): string {
  return `the API server ${cluster.server} (context ${context})`;
}

/** Says what a failed connection means. */
export function errorOfConnection(cause: unknown, cluster: ClusterAccess): KubernetesError {
  if (cause instanceof KubernetesError) return cause;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  const why = whyOf(cause);
  const certificate = /CERT|SELF_SIGNED|ISSUER|ALTNAME|VERIFY/.test(code);
  const isPlain = code === "EPROTO" || code === "HPE_INVALID_CONSTANT" || code.startsWith("ERR_SSL");
  const hint = certificate
    ? "Its certificate is not what the kubeconfig expects: another cluster at this address, or an old kubeconfig."
    : isPlain
      ? "Something else answers there, or over the wrong one of http and https. Check the server in the kubeconfig."
      : code === "ENOTFOUND" || code === "EAI_AGAIN"
        ? "Its name is not known here: is the VPN up?"
        : "Is the cluster up, and the VPN? Another context is named by --context.";
  return new KubernetesError("unreachable", `${where(cluster)} cannot be reached: ${why}`, { hint, cause });
}

/** `localhost` has two addresses, and each failure is a cause of its own. */
function whyOf(cause: unknown): string {
  if (cause instanceof AggregateError && cause.message === "")
    return [...new Set(cause.errors.map(whyOf))].join(", ");
  // Node adds to some what its own command line could do.
  return cause instanceof Error ? cause.message.replace(/; if the root CA .*$/, "") : String(cause);
}

/** Gives a Status, or undefined when the text is none. Never throws. */
export function readStatus(text: string): Status | undefined {
  try {
    const value = JSON.parse(text) as unknown;
    if (typeof value !== "object" || value === null) return undefined;
    // Kubelets leave the kind out.
    const isOne =
      "kind" in value ? value.kind === "Status" : "status" in value && typeof value.status === "string";
    if (isOne) return value as Status; // Written by the API server or a kubelet, from their own type.
  } catch {
    // Proxies in between answer in HTML.
  }
  return undefined;
}

/**
 * A 403 is a missing right, or the word of an admission rule (Pod Security, quota, webhook): only the first says `cannot <verb>
 * resource` (k8s.io/apiserver/pkg/endpoints/handlers/responsewriters/errors.go).
 */
function forbidden(said: string, asked: Asked, cluster: ClusterAccess): KubernetesError {
  const named =
    /cannot (\S+) resource "([^"/]+)(?:\/([^"]+))?" in API group "([^"]*)"(?: in the namespace "([^"]+)")?/.exec(
      said,
    );
  const [, verb, resource, subresource, group, namespace] = named ?? [];
  if (verb === undefined || resource === undefined) {
    if (/cannot \S+ path /.test(said)) {
      return new KubernetesError("forbidden", said, { status: 403 });
    }
    return new KubernetesError("denied", said, { status: 403 });
  }
  const missing: AccessAttributes = {
    verb,
    resource,
    group: group ?? "",
    ...(subresource === undefined ? {} : { subresource }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(asked.access?.name === undefined ? {} : { name: asked.access.name }),
  };
  const who = /User "([^"]*)"/.exec(said)?.[1] ?? cluster.user.name;
  return new KubernetesError(
    "forbidden",
    `${who} may not ${formatAccess(missing)} (context ${cluster.context})`,
    {
      status: 403,
      missing,
      hint: "Whoever administers the cluster can give this right by a Role and a RoleBinding.",
    },
  );
}
