import { PORT_SET } from "./lease.ts";
import type { Match } from "./match.ts";
import type { RedirectorConfig } from "./redirector-config.ts";
import type { Rule } from "./ruleset.ts";

/** What the counting rule is found by. */
const COMMENT = "came past the rule";

/**
 * Counts the first packets of connections to a diverted port that come to the port itself, in the hook behind routing: somebody's rule or mark
 * kept them from ours. Ports whose lease is over are not in the set and not counted. Other packets are let go at the first match.
 */
export function passedRule({ upstreamMark }: RedirectorConfig, further: readonly Match[] = []): Rule {
  return {
    parts: [
      { tcpFlags: ["syn"], of: ["fin", "syn", "rst", "ack"] },
      { tcp: "dport", inSet: PORT_SET },
      { meta: "mark", isNot: upstreamMark },
      ...further,
      { counter: true },
    ],
    comment: COMMENT,
  };
}

/** Reads the counter out of a table as nft prints it; 0 when the rule is not there. */
export function passedIn(listing: string): number {
  const line = listing.split("\n").find((line) => line.includes(`comment "${COMMENT}"`)) ?? "";
  return Number(/counter packets (\d+) /.exec(line)?.[1] ?? 0);
}
