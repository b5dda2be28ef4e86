import { readFileSync } from "node:fs";

/** capability.h: the right to change a network namespace's rules. */
const CAP_NET_ADMIN = 12n;

/** How this process is, by proc_pid_status(5). */
export function ownStatus(): string {
  return readFileSync("/proc/self/status", "latin1");
}

/**
 * What an agent that could not start may lack, as a hint to whoever started it. Tells apart a right that was not granted, and one
 * that was granted and did not reach us, since a pod's spec is mended in another place for each (capabilities(7)).
 */
export function missingRight(status: string): string {
  const field = (name: string): string => new RegExp(`^${name}:\\s+(\\S+)`, "m").exec(status)?.[1] ?? "";
  const has = (set: string): boolean => ((BigInt(`0x${field(set) || "0"}`) >> CAP_NET_ADMIN) & 1n) === 1n;
  if (has("CapEff"))
    return "The agent has NET_ADMIN; it also needs nft or iptables, and a kernel that knows one of them.";
  if (!has("CapBnd"))
    return "The agent needs NET_ADMIN in its network namespace: in a pod, `securityContext.capabilities.add: [NET_ADMIN]`.";
  if (field("NoNewPrivs") === "1")
    return (
      "NET_ADMIN is granted, but `allowPrivilegeEscalation: false` keeps it from any user but root: " +
      "set `runAsUser: 0`, which gives nothing else, or leave allowPrivilegeEscalation out."
    );
  return "NET_ADMIN is granted, but not to this user: run the agent as root, or by the image's own command.";
}
