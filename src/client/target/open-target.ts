import { ClientError } from "../errors.ts";
import { localSite } from "./local-site.ts";
import { parseTarget } from "./parse-target.ts";
import { requirePrivilege } from "./privilege.ts";
import { resolveTarget } from "./resolve-target.ts";
import type { ClusterChoice, ResolvedTarget } from "./target.ts";

/**
 * Gives what the text after `--target` names, with the ways to its agent. Reads only; starts nothing.
 * @throws ClientError `usage`, `target-unknown`, `not-permitted`
 */
export function openTarget(text: string, cluster: ClusterChoice = {}): ResolvedTarget {
  const target = parseTarget(text, cluster);
  if (target.kind === "kubernetes") {
    throw new ClientError("usage", `${target.reference.label}: this command has no way to a cluster`);
  }
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
