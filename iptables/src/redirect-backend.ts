import { PORT_SET } from "./lease.ts";
import type { OwnedBackend } from "./owned-redirector.ts";
import { passedRule } from "./passed-connections.ts";
import { listenerPorts, type RedirectorConfig } from "./redirector-config.ts";
import type { Match } from "./match.ts";
import { BEHIND_DSTNAT, type Chain, PRIORITY, type Rule } from "./ruleset.ts";
import type { Statement } from "./statement.ts";

/**
 * NAT of the kernel: the connection's destination becomes our listener, and SO_ORIGINAL_DST tells what it was.
 *
 * Only a connection's first packet is translated. These rules turn conntrack on where it was off, and conntrack then takes a live connection's
 * next packet for a new one: translated, that packet would reach a port that knows of no connection, and be answered with a reset.
 */
export const redirectBackend: OwnedBackend = {
  backend: "redirect",
  originalDestination: "so-original-dst",
  chains: (config) => [prerouting(config), output(config), input(config)],
};

function prerouting(config: RedirectorConfig): Chain {
  return {
    name: "prerouting",
    base: { type: "nat", hook: "prerouting", priority: BEHIND_DSTNAT, policy: "accept" },
    rules: [exempt({ meta: "mark", is: config.upstreamMark }), ...redirections(config)],
  };
}

/** What the pod's own processes send to the pod never passes prerouting before it was routed; NAT has to happen here. */
function output(config: RedirectorConfig): Chain {
  const rules: Rule[] = [
    exempt({ meta: "oifname", isNot: "lo" }),
    exempt({ meta: "mark", is: config.upstreamMark }),
  ];
  if (config.agentGid !== undefined) rules.push(exempt({ meta: "skgid", is: config.agentGid }));
  return {
    name: "output",
    base: { type: "nat", hook: "output", priority: BEHIND_DSTNAT, policy: "accept" },
    rules: [...rules, ...redirections(config)],
  };
}

/** The listener is on the wildcard address; who connects to it by its own port instead of a diverted one is refused. */
function input(config: RedirectorConfig): Chain {
  return {
    name: "input",
    base: { type: "filter", hook: "input", priority: PRIORITY.filter, policy: "accept" },
    rules: [
      // What was redirected has the listener's port by now.
      passedRule(config),
      {
        parts: [
          { tcp: "dport", oneOf: listenerPorts(config) },
          { ct: "status", isNot: "dnat" },
          { counter: true },
          { reject: "tcp reset" },
        ],
        comment: "connected to the listener directly",
      },
    ],
  };
}

function redirections(config: RedirectorConfig): Rule[] {
  const rules: Rule[] = [];
  const { listenerPort4, listenerPort6 } = config;
  if (listenerPort4 !== undefined) rules.push(redirection("ipv4", listenerPort4));
  if (listenerPort6 !== undefined) rules.push(redirection("ipv6", listenerPort6));
  return rules;
}

function redirection(family: "ipv4" | "ipv6", port: number): Rule {
  const parts: (Match | Statement)[] = [
    { meta: "nfproto", is: family },
    { tcp: "dport", inSet: PORT_SET },
    { tcpFlags: ["syn"], of: ["fin", "syn", "rst", "ack"] },
    { fib: "daddr type", is: "local" },
    { counter: true },
    { redirect: port },
  ];
  return { parts };
}

function exempt(match: Match): Rule {
  return { parts: [match, { verdict: "return" }] };
}
