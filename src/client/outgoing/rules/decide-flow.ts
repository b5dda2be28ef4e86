import { type Fit, fitFlow } from "./fit-flow.ts";
import type { Flow } from "./flow.ts";
import type { OutgoingRule, OutgoingRules, Where } from "./outgoing-rule.ts";
import { relevantConditions, type UnlessRule } from "./unless-rule.ts";

/** Where a flow leads, and why. */
export interface FlowDecision {
  readonly where: Where;
  /** The rule that decided; null when none fits. */
  readonly rule: OutgoingRule | null;
  /** Why, as a clause. */
  readonly because: string;
  /** The name of the flow by which its rule fits, where it does so by name. */
  readonly name: string | undefined;
  /** Empty for a flow of which all is known. */
  readonly unless: readonly UnlessRule[];
}

/**
 * Decides by the first rule that fits. What none fits:
 *
 * - TCP and UDP leave from the pod, to 127.0.0.1 as well, which is the pod's localhost. But an address that only name servers of
 *   this machine have given means something here alone: such a flow leaves from this machine.
 * - Sockets of unix(7) are this machine's.
 */
export function decideFlow({ rules, searchDomains }: OutgoingRules, flow: Flow): FlowDecision {
  const unless: UnlessRule[] = [];
  for (const rule of rules) {
    const fit = fitFlow(rule, flow, searchDomains);
    if (fit === undefined) continue;
    if (!fit.sure) {
      unless.push({ rule, when: fit.when });
      continue;
    }
    const { where } = rule;
    return {
      where,
      rule,
      because: becauseOf(rule, fit),
      name: fit.name,
      unless: relevantConditions(unless, where),
    };
  }
  const { where, because } = byDefault(flow);
  return { where, rule: null, because, name: undefined, unless: relevantConditions(unless, where) };
}

function becauseOf({ written, builtIn }: OutgoingRule, { says }: Extract<Fit, { sure: true }>): string {
  return builtIn === null ? `the rule ${written} ${says}` : `a built-in rule ${says}, since it ${builtIn}`;
}

function byDefault(flow: Flow): { where: Where; because: string } {
  if (flow.kind === "unix")
    return { where: "local", because: "no rule names it, and sockets that no rule names are this machine's" };
  const { names = [] } = flow;
  if (names.length > 0 && names.every(({ foundBy }) => foundBy === "local"))
    return {
      where: "local",
      because: "no rule names it, but only name servers of this machine have given its address",
    };
  return { where: "remote", because: "no rule names it, and what no rule names leaves from the pod" };
}
