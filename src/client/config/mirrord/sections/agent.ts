import type { Config } from "../../schema/index.ts";
import type { MirrordAgent } from "../shape/agent.ts";
import type { MirrordConfig } from "../shape/mirrord.ts";

type Agent = NonNullable<Config["agent"]>;

/** `agent`: what an agent of ours has too. */
export function agentOf({ agent = {} }: MirrordConfig): Agent {
  const { requests, limits } = agent.resources ?? {};
  const security = securityOf(agent);
  return {
    ...(agent.ephemeral !== undefined && {
      form: agent.ephemeral ? ("ephemeral" as const) : ("pod" as const),
    }),
    ...(agent.image_pull_policy !== undefined && { pullPolicy: agent.image_pull_policy }),
    ...(agent.image_pull_secrets !== undefined && {
      pullSecrets: agent.image_pull_secrets.map(({ name }) => name),
    }),
    ...(agent.communication_timeout !== undefined && { linger: seconds(agent.communication_timeout) }),
    ...(agent.startup_timeout !== undefined && { timeout: seconds(agent.startup_timeout) }),
    ...(Object.keys(security).length > 0 && { security }),
    ...(requests !== undefined && { requests }),
    ...(limits !== undefined && { limits }),
    ...(agent.tolerations !== undefined && { tolerations: agent.tolerations.map(taint) }),
    ...(agent.labels !== undefined && { labels: agent.labels }),
    ...(agent.annotations !== undefined && { annotations: agent.annotations }),
  };
}

function seconds(count: number): string | 0 {
  return count === 0 ? 0 : `${count}s`;
}

/** As taints are written for kubectl. Without a key every taint is tolerated. */
function taint({ key, operator, value, effect }: NonNullable<MirrordAgent["tolerations"]>[number]): string {
  if (key === undefined || key === "") return "*";
  const equals = operator === "Exists" || value === undefined ? "" : `=${value}`;
  return `${key}${equals}${effect === undefined ? "" : `:${effect}`}`;
}

/** The names of Kubernetes, where mirrord writes its own. */
function securityOf(agent: MirrordAgent): Record<string, unknown> {
  const { app_armor_profile: appArmor, seccomp_profile: seccomp } = agent.security_context ?? {};
  return {
    ...(agent.privileged === true && { privileged: true }),
    ...(seccomp !== undefined && { seccompProfile: profile(seccomp) }),
    ...(appArmor !== undefined && { appArmorProfile: profile(appArmor) }),
  };
}

function profile(written: { readonly type: string; readonly localhost_profile?: string | undefined }) {
  const { type, localhost_profile: localhostProfile } = written;
  return { type, ...(localhostProfile !== undefined && { localhostProfile }) };
}
