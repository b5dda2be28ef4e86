import type { KubernetesObject, Quantities } from "../api/objects.ts";
import type { Finding } from "./finding.ts";
import { bytesOf } from "./quantity.ts";
import { type Seen, valueOf } from "./seen.ts";

export type ResourceQuota = KubernetesObject & {
  readonly status?: { readonly hard?: Quantities; readonly used?: Quantities };
};

export type LimitRange = KubernetesObject & {
  readonly spec?: {
    readonly limits?: readonly {
      readonly type: string;
      readonly min?: Quantities;
      readonly default?: Quantities;
    }[];
  };
};

/** Whether quotas and limit ranges of the agent's namespace leave room. Only an agent that is a pod counts among what they count. */
export function quotaFindings(about: {
  readonly namespace: string;
  readonly form: "auto" | "ephemeral" | "pod";
  readonly quotas: Seen<readonly ResourceQuota[]>;
  readonly limitRanges: Seen<readonly LimitRange[]>;
}): Finding[] {
  const { namespace, form } = about;
  const quotas = valueOf(about.quotas);
  if (quotas === undefined)
    return "unseen" in about.quotas && form === "pod"
      ? [
          {
            id: "quota-unseen",
            level: "note",
            what: `quotas of namespace ${namespace} could not be seen (${about.quotas.because})`,
          },
        ]
      : [];
  const full = quotas.flatMap(({ metadata, status }) =>
    Object.entries(status?.hard ?? {}).flatMap(([what, hard]) => {
      const left = (bytesOf(hard) ?? 0) - (bytesOf(status?.used?.[what] ?? "0") ?? 0);
      return (what === "pods" || what === "count/pods") && left < 1
        ? [`${metadata.name} (${what} ${hard})`]
        : [];
    }),
  );
  if (full.length > 0)
    return [
      form === "ephemeral"
        ? {
            id: "quota",
            level: "ok",
            what: `the quota ${full.join(", ")} is used up, but an ephemeral container does not count`,
          }
        : {
            id: "quota",
            level: form === "pod" ? "blocker" : "note",
            what: `the quota ${full.join(", ")} of namespace ${namespace} is used up: no agent can be a pod there`,
            fix: "--agent ephemeral does not count; --agent-namespace puts it elsewhere",
          },
    ];
  const computed = quotas.some(({ status }) =>
    Object.keys(status?.hard ?? {}).some((what) => /cpu|memory/.test(what)),
  );
  const hasDefaults = valueOf(about.limitRanges)?.some(({ spec }) =>
    spec?.limits?.some((limit) => limit.type === "Container" && limit.default !== undefined),
  );
  if (computed && form === "pod" && hasDefaults !== true)
    return [
      {
        id: "quota-resources",
        level: "warning",
        what: `namespace ${namespace} has a quota on CPU or memory: a pod there must say how much it asks for`,
        fix: "--agent-requests cpu=50m,memory=128Mi --agent-limits cpu=1,memory=512Mi",
      },
    ];
  return quotas.length === 0
    ? []
    : [{ id: "quota", level: "ok", what: `quotas of namespace ${namespace} leave room for the agent` }];
}
