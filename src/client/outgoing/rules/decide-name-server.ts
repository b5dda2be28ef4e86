import { decideFlow, type FlowDecision } from "./decide-flow.ts";
import type { FlowName } from "./flow.ts";
import { isOneAddress } from "./ip-network.ts";
import type { OutgoingRule, OutgoingRules } from "./outgoing-rule.ts";

/** A name server that a program asks. */
export interface AskedServer {
  /** Undefined while nobody has read the pod's resolv.conf. */
  readonly address: string | undefined;
  readonly port: number;
  readonly names: readonly FlowName[];
  /** It is one of those that the pod's resolv.conf names. */
  readonly isPods: boolean;
}

/**
 * Where a question leaves whose name no rule names: as another flow to that server, over UDP whatever it comes by, since an answer
 * that is cut must be asked for again the same way.
 *
 * The pod's own servers stand for whoever resolves names. A rule for the network in which they happen to lie is not about them:
 * one counts that says a port, or their address alone, or `*`.
 */
export function decideNameServer(
  { rules, searchDomains }: OutgoingRules,
  { address, port, names, isPods }: AskedServer,
): FlowDecision {
  const counting = isPods ? rules.filter(isAboutServers) : rules;
  return decideFlow(
    { rules: counting, searchDomains },
    { kind: "host", protocol: "udp", address, port, names },
  );
}

function isAboutServers({ flows }: OutgoingRule): boolean {
  if (flows.kind === "unix") return false;
  const { host, ports } = flows;
  return ports !== null || host.kind === "any" || (host.kind === "network" && isOneAddress(host.network));
}
