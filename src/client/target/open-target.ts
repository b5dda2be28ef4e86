import { type AskedPorts, noPorts } from "./asked-ports.ts";
import type { ClusterAgentFlags } from "./cluster-placement.ts";
import { localSite } from "./local-site.ts";
import { openClusterTarget } from "./open-cluster-target.ts";
import { namespacePattern, openPattern } from "./open-pattern.ts";
import { parseTarget } from "./parse-target.ts";
import { requirePrivilege } from "./privilege.ts";
import { resolveTarget } from "./resolve-target.ts";
import type { ClusterChoice, ResolvedTarget } from "./target.ts";

/**
 * Gives what the text after `--target` names, with the ways to its agent. Reads only; starts nothing. Of a pod with several apps the
 * asked ports say which is meant.
 * @throws ClientError `usage`, `target-unknown`, `not-permitted`
 */
export function openTarget(
  text: string,
  cluster: ClusterChoice = {},
  agent: ClusterAgentFlags = {},
  asked: AskedPorts = noPorts,
): ResolvedTarget {
  const pattern = namespacePattern(text);
  if (pattern !== undefined) {
    return openPattern(pattern, {
      open: (one) => openTarget(one),
      requirePrivilege: () => requirePrivilege(),
    });
  }
  const target = parseTarget(text, cluster);
  if (target.kind === "kubernetes") return openClusterTarget(target, agent, asked);
  const local = resolveTarget(target);
  const { label, netnsInode, process } = local;
  return {
    label,
    key: String(netnsInode),
    site: localSite(local),
    netnsInode,
    ...(process === undefined ? {} : { process }),
    requirePrivilege: () => requirePrivilege(),
  };
}
