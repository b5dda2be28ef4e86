import { PORT_SET } from "./lease.ts";
import type { OwnedBackend } from "./owned-redirector.ts";
import { passedRule } from "./passed-connections.ts";
import type { RedirectorConfig } from "./redirector-config.ts";
import { BEHIND_DSTNAT, type Chain, PRIORITY, type Rule } from "./ruleset.ts";

/**
 * Transparent proxying: the packet is given to our listener as it is. No NAT and no conntrack, so live connections are left alone, and the
 * listener sees the client's address and, as its own local address, the original destination.
 *
 * Traffic over lo passes prerouting as well, so what a sidecar sends to the app is covered; what others redirect to the sidecar itself has
 * its port by now. When nobody listens, tproxy does
 * not match, and the packet reaches the app (Linux, nft_tproxy.c).
 */
export const tproxyBackend: OwnedBackend = {
  backend: "tproxy",
  originalDestination: "local-address",
  chains: (config) => [prerouting(config), input(config)],
};

function input(config: RedirectorConfig): Chain {
  return {
    name: "input",
    base: { type: "filter", hook: "input", priority: PRIORITY.filter, policy: "accept" },
    // A packet that tproxy took has a transparent socket by now.
    rules: [passedRule(config, [{ socket: "transparent", is: 0 }])],
  };
}

function prerouting(config: RedirectorConfig): Chain {
  const rules: Rule[] = [
    {
      parts: [{ meta: "mark", is: config.upstreamMark }, { counter: true }, { verdict: "return" }],
      comment: "our own way to the app, and the app's answers to it",
    },
  ];
  const { listenerPort4, listenerPort6 } = config;
  if (listenerPort4 !== undefined)
    rules.push({
      parts: [
        { meta: "nfproto", is: "ipv4" },
        { tcp: "dport", inSet: PORT_SET },
        { fib: "daddr type", is: "local" },
        { tproxy: "ip", address: "127.0.0.1", port: listenerPort4 },
        { counter: true },
        { verdict: "accept" },
      ],
    });
  if (listenerPort6 !== undefined)
    rules.push({
      parts: [
        { meta: "nfproto", is: "ipv6" },
        { tcp: "dport", inSet: PORT_SET },
        { fib: "daddr type", is: "local" },
        { tproxy: "ip6", address: "::1", port: listenerPort6 },
        { counter: true },
        { verdict: "accept" },
      ],
    });
  return {
    name: "prerouting",
    base: { type: "filter", hook: "prerouting", priority: BEHIND_DSTNAT, policy: "accept" },
    rules,
  };
}
