/**
 * What the iptables backend says to iptables-restore(8). Pure text: one for each thing that it does.
 *
 * Four chains of ours: PRE (from PREROUTING) and OUT (from OUTPUT) hold the lease and the exemptions, TO the diverted ports,
 * and IN (from INPUT) refuses who connects to the listener directly. The lease is one match of the time in each, so that a renewal
 * rewrites three short chains and touches no port.
 */
import { checkedInteger, checkedMark, checkedPort } from "./value.ts";

/** What the texts of one family need to know. */
export interface IptablesFamily {
  /** Makes the chains' names unique; letters, digits and "_", 16 characters at most (a chain's name has 28). */
  readonly id: string;
  readonly listenerPort: number;
  readonly upstreamMark: number;
  readonly agentGid?: number | undefined;
}

/** The names of the chains of one redirector. */
export function chainNames(id: string): { pre: string; out: string; to: string; in: string } {
  const name = (suffix: string) => `MAGPIE-${id}-${suffix}`;
  return { pre: name("PRE"), out: name("OUT"), to: name("TO"), in: name("IN") };
}

/**
 * The last second in which the lease holds: xt_time compares whole seconds and includes the last one, so that the lease
 * ends more than `leaseMs` from now, and at most a second later.
 */
export function lastLeaseSecond(nowMs: number, leaseMs: number): string {
  return new Date(nowMs + leaseMs).toISOString().slice(0, 19);
}

/** Makes the chains, leased, and jumps to them. No port is diverted yet. */
export function openingText(family: IptablesFamily, lastSecond: string): string {
  const jumps = jumpRules(family);
  return restoreText({
    nat: [
      ...declared(family, ["pre", "out", "to"]),
      ...leaseRules(family, lastSecond).nat,
      // Behind the rules of others: a mesh's sidecar has its connections first.
      ...jumps.nat.map(([chain, rule]) => `-A ${chain} ${rule}`),
    ],
    filter: [
      ...declared(family, ["in"]),
      ...leaseRules(family, lastSecond).filter,
      ...jumps.filter.map(([chain, rule]) => `-I ${chain} 1 ${rule}`),
    ],
  });
}

/** Renews the lease, and with `ports` diverts exactly these. Fails, and changes nothing of a table, when its jumps are gone. */
export function leaseText(family: IptablesFamily, lastSecond: string, ports?: readonly number[]): string {
  const jumps = jumpRules(family);
  const rules = leaseRules(family, lastSecond);
  const { to } = chainNames(family.id);
  const listenerPort = checkedPort(family.listenerPort);
  return restoreText({
    nat: [
      ...declared(family, ports ? ["pre", "out", "to"] : ["pre", "out"]),
      ...jumps.nat.map(([chain, rule]) => `-C ${chain} ${rule}`),
      ...rules.nat,
      ...(ports ?? []).map(
        (port) => `-A ${to} -p tcp --dport ${checkedPort(port)} -j REDIRECT --to-ports ${listenerPort}`,
      ),
    ],
    filter: [
      ...declared(family, ["in"]),
      ...jumps.filter.map(([chain, rule]) => `-C ${chain} ${rule}`),
      ...rules.filter,
    ],
  });
}

/** Removes jumps and chains; fails, and changes nothing of a table, when something of it is gone already. */
export function closingText(family: IptablesFamily): string {
  const names = chainNames(family.id);
  const jumps = jumpRules(family);
  const nat = [names.pre, names.out, names.to];
  return restoreText({
    nat: [
      ...jumps.nat.map(([chain, rule]) => `-D ${chain} ${rule}`),
      ...nat.map((chain) => `-F ${chain}`),
      ...nat.map((chain) => `-X ${chain}`),
    ],
    filter: [
      ...jumps.filter.map(([chain, rule]) => `-D ${chain} ${rule}`),
      `-F ${names.in}`,
      `-X ${names.in}`,
    ],
  });
}

type Table = "nat" | "filter";

/** Where each table's chains are jumped to from, as iptables-save writes it. */
export function jumpRules(family: IptablesFamily): Record<Table, [chain: string, rule: string][]> {
  const names = chainNames(family.id);
  return {
    nat: [
      ["PREROUTING", `-p tcp -j ${names.pre}`],
      ["OUTPUT", `-o lo -p tcp -j ${names.out}`],
    ],
    filter: [["INPUT", `-p tcp -m tcp --dport ${checkedPort(family.listenerPort)} -j ${names.in}`]],
  };
}

/** Puts tables into the form that iptables-restore reads; each is one transaction. */
export function restoreText(tables: Partial<Record<Table, readonly string[]>>): string {
  return Object.entries(tables)
    .map(([table, lines]) => [`*${table}`, ...lines, "COMMIT", ""].join("\n"))
    .join("");
}

/** With --noflush a declaration makes a chain, or empties it. */
function declared(family: IptablesFamily, which: readonly ("pre" | "out" | "to" | "in")[]): string[] {
  const names = chainNames(family.id);
  return which.map((chain) => `:${names[chain]} - [0:0]`);
}

function leaseRules(family: IptablesFamily, lastSecond: string): Record<Table, string[]> {
  const names = chainNames(family.id);
  const ours = `-m mark --mark ${checkedMark(family.upstreamMark)} -j RETURN`;
  // iptables takes the time as UTC. Only a connection's first packet is translated: see redirect-backend.ts.
  const lease = `-m time --datestop ${lastSecond}`;
  const leased = `-p tcp --syn ${lease} -m addrtype --dst-type LOCAL -j ${names.to}`;
  const group =
    family.agentGid === undefined ? [] : [checkedInteger("agentGid", family.agentGid, 0, 0xfffffffe)];
  return {
    nat: [
      `-A ${names.pre} ${ours}`,
      `-A ${names.pre} ${leased}`,
      `-A ${names.out} ${ours}`,
      ...group.map((gid) => `-A ${names.out} -m owner --gid-owner ${gid} -j RETURN`),
      `-A ${names.out} ${leased}`,
    ],
    filter: [
      `-A ${names.in} -m conntrack --ctstate DNAT -j RETURN`,
      `-A ${names.in} -p tcp ${lease} -j REJECT --reject-with tcp-reset`,
    ],
  };
}
