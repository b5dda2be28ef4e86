import type { Command } from "./command.ts";
import type { NamedSet, TableName } from "./ruleset.ts";

/** The name of the set of diverted ports in the table of both nft backends. */
export const PORT_SET = "ports";

/** A set of ports each of which the kernel drops by itself when its time is over. */
export function leasedPortSet(name: string): NamedSet {
  return { name, type: "inet_service", flags: ["timeout"] };
}

/**
 * The transaction after which the set holds exactly these ports, each for `leaseMs` from now. It renews, adds and removes in one:
 * a packet meets either the old set or the new one, never an empty one in between.
 */
export function leasePorts(lease: {
  table: TableName;
  set: string;
  ports: readonly number[];
  leaseMs: number;
}): Command[] {
  const { table, set, leaseMs } = lease;
  const commands: Command[] = [{ flush: "set", table, name: set }];
  const elements = [...new Set(lease.ports)].map((value) => ({ value, timeoutMs: leaseMs }));
  if (elements.length > 0) commands.push({ add: "elements", table, set, type: "inet_service", elements });
  return commands;
}
