/**
 * What can be done where an agent is refused for what it asks for, or for not saying it: by a quota or a limit range
 * (k8s.io/kubernetes/plugin/pkg/admission/resourcequota, limitranger). Undefined for any other refusal.
 */
export function resourceHint(message: string): string | undefined {
  const elsewhere = "--agent ephemeral counts toward no quota; --agent-namespace makes the pod elsewhere";
  if (message.includes("exceeded quota"))
    return `${elsewhere}; --agent-requests and --agent-limits say what it asks for`;
  if (/failed quota:.*must specify/.test(message))
    return `say it by --agent-requests cpu=50m,memory=64Mi and --agent-limits cpu=1,memory=512Mi; ${elsewhere}`;
  if (/(?:maximum|minimum) \S+ usage per (?:Container|Pod)/.test(message))
    return `a limit range bounds that: --agent-requests and --agent-limits say what the agent asks for; ${elsewhere}`;
  return undefined;
}
