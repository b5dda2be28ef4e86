/**
 * What can go wrong between us and a cluster, and whose fault it is.
 *
 * | code           | whose fault             | retry                                                          |
 * |----------------|-------------------------|----------------------------------------------------------------|
 * | `kubeconfig`   | the kubeconfig or flags | after correcting it; nothing was asked of the cluster          |
 * | `no-cluster`   | nobody                  | after naming a kubeconfig; there is none                       |
 * | `credentials`  | a credential plugin     | after logging in again, or as the plugin says                  |
 * | `unreachable`  | network or API server   | yes                                                            |
 * | `timeout`      | API server, or the way  | yes                                                            |
 * | `unauthorized` | expired credentials     | after logging in again                                         |
 * | `forbidden`    | missing right           | once an administrator has given it; `missing` names it         |
 * | `denied`       | a rule of the cluster   | no: Pod Security, a quota or a webhook said no; the message is its |
 * | `not-found`    | whoever named it        | after correcting it; `candidates` are what is there            |
 * | `conflict`     | nobody                  | yes, with what is there now                                    |
 * | `gone`         | nobody                  | yes, from a fresh list                                         |
 * | `invalid`      | us, or what we were told| no                                                             |
 * | `throttled`    | the API server's load   | yes, later; the call itself has waited and tried again         |
 * | `unready`      | the target              | once it is ready; the message says each pod's state            |
 * | `unsuitable`   | the target              | no: host network, Windows, completed                           |
 * | `failed`       | API server              | perhaps                                                        |
 */
export type KubernetesErrorCode =
  | "kubeconfig"
  | "no-cluster"
  | "credentials"
  | "unreachable"
  | "timeout"
  | "unauthorized"
  | "forbidden"
  | "denied"
  | "not-found"
  | "conflict"
  | "gone"
  | "invalid"
  | "throttled"
  | "unready"
  | "unsuitable"
  | "failed";

/** What a SelfSubjectAccessReview asks about, and what a refusal names. */
export interface AccessAttributes {
  /** `get`, `list`, `create` … */
  readonly verb: string;
  /** API group; empty for the core. */
  readonly group: string;
  /** Plural, as in a Role: `pods`. */
  readonly resource: string;
  /** `exec`, `portforward`, `ephemeralcontainers` … */
  readonly subresource?: string;
  /** Absent for the whole cluster. */
  readonly namespace?: string;
  readonly name?: string;
}

/** The one error of this room: what happened in `message`, how to go on in `hint`. Decide on `code`, never on text. */
export class KubernetesError extends Error {
  readonly code: KubernetesErrorCode;
  readonly hint: string | undefined;
  /** HTTP status of the API server's answer; undefined when there was none. */
  readonly status: number | undefined;
  /** With `forbidden`: the right that is missing. */
  readonly missing: AccessAttributes | undefined;
  /** With `not-found` and an unknown context: what was asked for, and what there is instead. */
  readonly sought: string | undefined;
  readonly candidates: readonly string[];

  constructor(
    code: KubernetesErrorCode,
    message: string,
    options: {
      hint?: string | undefined;
      cause?: unknown;
      status?: number;
      missing?: AccessAttributes | undefined;
      sought?: string;
      candidates?: readonly string[];
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "KubernetesError";
    this.code = code;
    this.hint = options.hint;
    this.status = options.status;
    this.missing = options.missing;
    this.sought = options.sought;
    this.candidates = options.candidates ?? [];
  }
}

/** `get pods/exec in namespace shop`: how a right is written in messages. */
export function formatAccess({ verb, group, resource, subresource, namespace }: AccessAttributes): string {
  const what = `${resource}${subresource === undefined ? "" : `/${subresource}`}${group === "" ? "" : `.${group}`}`;
  return `${verb} ${what} ${namespace === undefined ? "in the whole cluster" : `in namespace ${namespace}`}`;
}
