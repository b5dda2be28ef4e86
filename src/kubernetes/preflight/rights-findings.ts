import type { Finding } from "./finding.ts";
import { type NeededRight, rightText } from "./needed-rights.ts";

/** Whether a right is there; undefined where the API server did not say. */
export interface ReviewedRight extends NeededRight {
  readonly allowed: boolean | undefined;
  /** Of the authorizer, or why it was not asked. */
  readonly reason: string;
}

/** Of the agent's two forms, those whose own rights are there; what could not be asked counts as there. */
export function allowedForms(
  reviewed: readonly ReviewedRight[],
  form: "auto" | "ephemeral" | "pod",
): ("ephemeral" | "pod")[] {
  const asked = form === "auto" ? (["ephemeral", "pod"] as const) : [form];
  return asked.filter((one) => reviewed.every(({ form, allowed }) => form !== one || allowed !== false));
}

/**
 * The rights that a session lacks: those that nothing takes the place of. Where either form of the agent will do and neither is
 * allowed, those of the ephemeral container: they are the smaller ones.
 */
export function lackingRights(
  reviewed: readonly ReviewedRight[],
  form: "auto" | "ephemeral" | "pod",
): ReviewedRight[] {
  const forms = allowedForms(reviewed, form);
  const wanted = forms.length > 0 ? forms : [form === "pod" ? "pod" : "ephemeral"];
  return reviewed.filter(
    ({ form: of, allowed, without }) =>
      allowed === false &&
      without === undefined &&
      (of === undefined || (wanted[0] === of && forms.length === 0)),
  );
}

/** What is to be said of rights: each one that lacks by name. */
export function rightsFindings(
  reviewed: readonly ReviewedRight[],
  form: "auto" | "ephemeral" | "pod",
): Finding[] {
  const lacking = lackingRights(reviewed, form);
  const unknown = reviewed.filter(({ allowed }) => allowed === undefined);
  const findings: Finding[] = lacking.map(({ access, purpose, reason }) => ({
    id: "right-missing",
    level: "blocker",
    what: `you may not ${rightText(access)}`,
    why: `it is needed ${purpose}${reason === "" ? "" : ` (${reason})`}`,
    fix: "`magpie doctor --rbac` prints the smallest Role for an administrator",
  }));
  const missed = reviewed.filter(({ allowed, without }) => allowed === false && without !== undefined);
  for (const { access, without } of missed)
    findings.push({
      id: "right-missing",
      level: "warning",
      what: `you may not ${rightText(access)}`,
      why: `${without ?? ""}; the rest works`,
      fix: "`magpie doctor --rbac` prints the smallest Role for an administrator",
    });
  const [unknownRight] = unknown;
  if (unknownRight !== undefined)
    findings.push({
      id: "rights-unknown",
      level: "note",
      what: `whether you may ${unknown.map(({ access }) => rightText(access)).join(", ")} could not be asked: ${unknownRight.reason}`,
    });
  if (findings.length > 0) return findings;
  const [first, second] = allowedForms(reviewed, form);
  if (form === "auto" && first === "pod")
    findings.push({
      id: "form-pod",
      level: "warning",
      what: "you may not put an ephemeral container into the pod; the agent will be a privileged pod on the pod's node instead",
      why: "that takes more rights on the node than an ephemeral container has in the pod",
      fix: "`magpie doctor --rbac --agent ephemeral` prints a Role that allows the smaller form",
    });
  else if (second !== undefined || form !== "auto" || first === "ephemeral")
    findings.push({
      id: "rights",
      level: "ok",
      what: `you have all ${countNeeded(reviewed, first)} rights that this takes`,
    });
  return findings;
}

function countNeeded(reviewed: readonly ReviewedRight[], form: "ephemeral" | "pod" | undefined): number {
  return reviewed.filter(({ form: of }) => of === undefined || of === form).length;
}
