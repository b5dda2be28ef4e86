import { printable } from "../../text/paint.ts";
import { formatNetwork, type IpAddress, isInNetwork, parseAddress } from "./ip-network.ts";
import { canonicalName, fitName } from "./name-pattern.ts";
import type { HostFlows, OutgoingRule, OutgoingRules } from "./outgoing-rule.ts";
import { relevantConditions, type UnlessRule } from "./unless-rule.ts";

/** Whose name servers are asked for a name, and why. */
export interface LookupDecision {
  readonly where: "local" | "remote";
  /** The rule that decided; null when none names it. */
  readonly rule: OutgoingRule | null;
  /** Why, as a clause. */
  readonly because: string;
  /** What stands before the pod's search domain, when the rule names that. */
  readonly short: string | undefined;
  readonly unless: readonly UnlessRule[];
}

/**
 * Decides whose name servers are asked for a name: by the first rule that names it, whatever port and protocol it is about, since
 * those are not known yet. `*` counts where it stands for all flows. What no rule names is looked up in the pod. The name of an
 * address (`4.3.2.10.in-addr.arpa`) goes by the rules for that address.
 */
export function decideLookup({ rules, searchDomains }: OutgoingRules, name: string): LookupDecision {
  const unless: UnlessRule[] = [];
  const address = reverseAddress(name);
  for (const rule of rules) {
    const { flows, where, written } = rule;
    if (flows.kind === "unix" || where === "absent") continue;
    const fit = fitLookup(flows, { name, address, searchDomains });
    if (fit === undefined) continue;
    if ("when" in fit) {
      unless.push({ rule, when: fit.when });
      continue;
    }
    const because = `the rule ${written} ${fit.says}`;
    return { where, rule, because, short: fit.short, unless: relevantConditions(unless, where) };
  }
  const because = "no rule names it, and what no rule names is looked up in the pod";
  const where = "remote";
  return { where, rule: null, because, short: undefined, unless: relevantConditions(unless, where) };
}

type LookupFit = { readonly says: string; readonly short?: string } | { readonly when: string };

function fitLookup(
  { protocol, ports, host }: HostFlows,
  asked: { name: string; address: IpAddress | undefined; searchDomains: readonly string[] | null },
): LookupFit | undefined {
  if (host.kind === "any")
    return protocol === null && ports === null ? { says: "takes every host" } : undefined;
  if (host.kind === "network")
    return asked.address !== undefined && isInNetwork(asked.address, host.network)
      ? { says: `takes ${formatNetwork(host.network)}, and this is the name of an address there` }
      : undefined;
  const fit = fitName(host.name, asked.name, asked.searchDomains);
  if (fit === undefined) return undefined;
  if (fit.how === "if-search")
    return { when: `${printable(fit.searchDomain)} is one of the pod's search domains` };
  if (fit.how === "as-it-is") return { says: `names ${printable(asked.name)}` };
  const { short, searchDomain } = fit;
  return {
    says: `names ${printable(short)}, which this is in the pod's search domain ${searchDomain}`,
    short,
  };
}

/** The address whose name is asked for (RFC 1035 §3.5, RFC 3596 §2.5); undefined when it is another name. */
function reverseAddress(name: string): IpAddress | undefined {
  const lower = canonicalName(name);
  const ipv4 = /^((?:\d{1,3}\.){4})in-addr\.arpa$/.exec(lower)?.[1];
  if (ipv4 !== undefined) return parseAddress(ipv4.slice(0, -1).split(".").toReversed().join("."));
  const ipv6 = /^((?:[\da-f]\.){32})ip6\.arpa$/.exec(lower)?.[1];
  if (ipv6 === undefined) return undefined;
  const digits = ipv6.split(".").toReversed().join("");
  return parseAddress(digits.replaceAll(/(.{4})(?=.)/g, "$1:"));
}
