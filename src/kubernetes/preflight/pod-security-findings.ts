import { resourceHint } from "../agent/resource-refusal.ts";
import type { KubernetesObject } from "../api/objects.ts";
import { KubernetesError } from "../errors.ts";
import type { Finding } from "./finding.ts";
import type { AskedFeatures } from "./preflight-request.ts";
import { type Seen, valueOf } from "./seen.ts";
import { yamlText } from "./yaml-text.ts";

/** What the API server said to the trial of a form of the agent. */
export type TrialOutcome = { readonly form: "ephemeral" | "pod" } & (
  | { readonly said: "yes" }
  | { readonly said: "no"; readonly error: unknown }
);

const LABEL = "pod-security.kubernetes.io/";

/** What stands against a level in the two forms of the agent (Pod Security Standards, `baseline`). */
function violations({ form, looksIntoApp }: Pick<AskedFeatures, "form" | "looksIntoApp">): string {
  if (form === "pod") return "a privileged container and the node's process namespace";
  return `the capabilit${looksIntoApp ? "ies NET_ADMIN, SYS_PTRACE and DAC_READ_SEARCH" : "y NET_ADMIN"}`;
}

/** Whether rules of admission let the agent in: by a trial where there was one, else by the labels of its namespace. */
export function admissionFindings(about: {
  /** Of the agent. */
  readonly namespace: string;
  readonly namespaceObject: Seen<KubernetesObject>;
  readonly features: AskedFeatures;
  readonly trials: readonly TrialOutcome[];
}): Finding[] {
  const { namespace, namespaceObject, features, trials } = about;
  const taken = trials.find(({ said }) => said === "yes");
  // What rights alone refuse is told as such.
  const [refused] = trials.flatMap((trial) =>
    trial.said === "no" && !isForbidden(trial.error) ? [trial] : [],
  );
  const labels = valueOf(namespaceObject)?.metadata.labels ?? {};
  const enforced = labels[`${LABEL}enforce`];
  const stands = `the agent has ${violations(features)}`;
  if (refused !== undefined && taken === undefined) return [refusal(refused.error, { namespace, stands })];
  const findings: Finding[] = [];
  const isStrict = enforced !== undefined && enforced !== "privileged";
  if (taken !== undefined) {
    if (refused !== undefined) findings.push(otherForm(refused.error));
    const exempt = isStrict ? `, though the namespace enforces "${enforced}": you or it are exempt` : "";
    findings.push({
      id: "admission",
      level: "ok",
      what: `the API server would take the agent as it is (a dry run went through all rules of admission)${exempt}`,
    });
  } else if (isStrict)
    findings.push({
      id: "pod-security",
      level: "blocker",
      what: `namespace ${namespace} enforces the Pod Security level "${enforced}", which refuses the agent`,
      why: stands,
      fix: exceptionFix(namespace),
    });
  else if (enforced === "privileged")
    findings.push({ id: "pod-security", level: "ok", what: `namespace ${namespace} allows privileged pods` });
  else findings.push(unlabelled(namespace, namespaceObject));
  const warned = ["warn", "audit"].filter(
    (mode) => !["privileged", undefined].includes(labels[LABEL + mode]),
  );
  if (warned.length > 0)
    findings.push({
      id: "pod-security-warns",
      level: "note",
      what: `namespace ${namespace} ${warned.map((mode) => `${mode}s of Pod Security above "${labels[LABEL + mode]}"`).join(" and ")}: the agent will be among it, and nothing is refused by that`,
    });
  return findings;
}

function otherForm(error: unknown): Finding {
  return {
    id: "form-pod",
    level: "warning",
    what: `the agent cannot be an ephemeral container, and will be a privileged pod on the pod's node instead: ${messageOf(error)}`,
    why: "that takes more rights on the node than an ephemeral container has in the pod",
  };
}

function isForbidden(error: unknown): boolean {
  return error instanceof KubernetesError && error.code === "forbidden";
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function unlabelled(namespace: string, object: Seen<KubernetesObject>): Finding {
  const id = "pod-security";
  if ("unseen" in object)
    return {
      id,
      level: "note",
      what: `the Pod Security level of namespace ${namespace} could not be seen (${object.because})`,
      why: "a level above privileged refuses the agent; it would be told then",
    };
  return {
    id,
    level: "ok",
    what: `namespace ${namespace} names no Pod Security level; the cluster's own default counts, which is privileged unless somebody changed it`,
  };
}

function refusal(error: unknown, about: { namespace: string; stands: string }): Finding {
  const message = messageOf(error);
  const level = /violates PodSecurity "([a-z]+):/.exec(message)?.[1];
  if (level !== undefined)
    return {
      id: "pod-security",
      level: "blocker",
      what: `Pod Security level "${level}" refuses the agent in namespace ${about.namespace}: ${message}`,
      why: about.stands,
      fix: exceptionFix(about.namespace),
    };
  const code = error instanceof KubernetesError ? error.code : undefined;
  if (code === "not-found" && message.includes("could not find the requested resource"))
    return {
      id: "ephemeral-containers",
      level: "blocker",
      what: "this cluster has no ephemeral containers (Kubernetes before 1.23)",
      fix: "--agent pod puts the agent into a pod on the node",
    };
  const hint = code === "denied" ? resourceHint(message) : undefined;
  if (hint !== undefined)
    return {
      id: "quota",
      level: "blocker",
      what: `namespace ${about.namespace} has no room for the agent as it is: ${message}`,
      fix: hint,
    };
  if (code === "denied" || code === "invalid")
    return /does not support dry run|dryRun/.test(message)
      ? {
          id: "admission",
          level: "note",
          what: `a webhook does not take part in dry runs, so it is not known whether it would refuse the agent: ${message}`,
        }
      : {
          id: "admission",
          level: "blocker",
          what: `a rule of the cluster refuses the agent: ${message}`,
          why: about.stands,
          fix: "whoever keeps that rule can make an exception; --agent-security and --agent-image say how the agent is, --agent pod is its other form",
        };
  return { id: "admission", level: "note", what: `the trial with the API server failed: ${message}` };
}

function exceptionFix(namespace: string): string {
  return `\`magpie doctor --exception\` prints what an administrator can apply for namespace ${namespace}; or --agent pod --agent-namespace <one that allows privileged pods>`;
}

/** A namespace that allows privileged pods, for an administrator: what it warns of and audits stays as strict as it was. */
export function exceptionYaml(namespace: string, object: Seen<KubernetesObject>): string {
  const labels = valueOf(object)?.metadata.labels ?? {};
  const before = labels[`${LABEL}enforce`];
  const kept =
    before === undefined || before === "privileged"
      ? {}
      : { [`${LABEL}warn`]: before, [`${LABEL}audit`]: before };
  return yamlText({
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: namespace, labels: { [`${LABEL}enforce`]: "privileged", ...kept } },
  });
}
