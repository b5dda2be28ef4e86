import type { BypassNumbers } from "./port-ledger.ts";
import type { DirectConnection } from "./look-past.ts";

/** How many of those who connected are named. */
const MAX_NAMED = 3;

/** What is known of how connections may have come to the app past the agent. */
export interface Evidence {
  readonly port: number;
  readonly numbers: BypassNumbers;
  readonly direct: readonly DirectConnection[];
  /** How long the ports were once held without a renewal, where that was longer than the lease. */
  readonly leaseLapsedMs: number | undefined;
  /** Chains of others that see the same packets as the rule does, in words. */
  readonly chainsOfOthers: readonly string[];
}

/** Says what goes past, with numbers, and what may be the cause: the likeliest first, and only what fits. */
export function bypassMessage(evidence: Evidence): string {
  const { port, numbers, direct } = evidence;
  const parts = [`connections to port ${port} reach the app without passing Magpie: ${countText(numbers)}`];
  if (direct.length > 0) parts.push(`from ${peersText(direct)}`);
  return `${parts.join(", ")}. What they ask is neither stolen nor shown. Likely: ${likelyCauses(evidence).join("; ")}`;
}

/** Says that nothing goes past any more. */
export function overMessage(port: number, numbers: BypassNumbers): string {
  return `connections to port ${port} pass Magpie again; past it went ${countText({ ...numbers, open: 0 })}`;
}

/** Says that nobody would notice. */
export function blindMessage(port: number, why: string): string {
  return (
    `whether connections to port ${port} reach the app past Magpie cannot be seen here, nor whether the app is gone: ` +
    `the kernel does not show its sockets (${why})`
  );
}

/** Says what stays with the app, and what could be done about it. */
export function existingMessage(port: number, open: number): string {
  const were = open === 1 ? "1 connection was" : `${open} connections were`;
  const them = open === 1 ? "it stays with the app until it ends" : "they stay with the app until they end";
  return (
    `${were} open to port ${port} before it was taken: ${them}, and what ${open === 1 ? "it asks" : "they ask"} is neither stolen nor ` +
    "shown. --take-over ends idle ones, so that their clients connect anew"
  );
}

function countText({ open, seen, passed }: BypassNumbers): string {
  const parts = [`${open} open now`, `${seen} seen since it was taken`];
  if (passed !== undefined && passed > 0) parts.push(`${passed} counted in the kernel`);
  return (open === 0 ? parts.slice(1) : parts).join(", ");
}

function peersText(direct: readonly DirectConnection[]): string {
  const named = direct.slice(0, MAX_NAMED).map(({ peer }) => peer);
  const unnamed = direct.length - named.length;
  return unnamed === 0 ? named.join(", ") : `${named.join(", ")} and ${unnamed} others`;
}

function likelyCauses({ numbers, direct, leaseLapsedMs, chainsOfOthers }: Evidence): string[] {
  const causes: string[] = [];
  if (leaseLapsedMs !== undefined)
    causes.push(
      `the agent did not renew its hold on the ports for ${(leaseLapsedMs / 1_000).toFixed(1)} s, and they were the app's ` +
        "meanwhile (a stopped or starved agent)",
    );
  const fromPod = direct.filter(({ isFromPod }) => isFromPod).length;
  if (fromPod > 0) causes.push(`a proxy or sidecar of the pod itself connects (${fromPod} of them)`);
  if (numbers.passed !== undefined && numbers.passed > 0)
    causes.push(
      chainsOfOthers.length === 0
        ? "somebody's rule or mark keeps packets from Magpie's rule"
        : `rules of others turn them aside, or to the port behind Magpie's back: ${chainsOfOthers.join(", ")}`,
    );
  else if (leaseLapsedMs === undefined && numbers.passed !== undefined)
    causes.push(
      "their packets do not meet the pod's rules at all: a network plugin that goes around them (Cilium with eBPF host " +
        "routing or socket redirection), or a socket that was handed to the app",
    );
  else if (numbers.passed === undefined) {
    if (chainsOfOthers.length > 0) causes.push(`rules of others: ${chainsOfOthers.join(", ")}`);
    causes.push(
      "somebody's rule or mark keeps packets from Magpie's rule, or a network plugin goes around rules (Cilium with eBPF)",
    );
  }
  return causes;
}
