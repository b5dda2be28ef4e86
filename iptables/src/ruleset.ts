/**
 * The typed model: tables that hold sets and chains, chains that hold rules, rules that hold matches and statements.
 * Names follow nft(8). Plain data: build it with object literals, render it with `render` or `renderTable`.
 */
import type { Match } from "./match.ts";
import type { Statement } from "./statement.ts";

export type Family = "inet" | "ip" | "ip6" | "arp" | "bridge" | "netdev";

/** What names a table. */
export interface TableName {
  readonly family: Family;
  readonly name: string;
}

/** A table with all that is in it. */
export interface Table extends TableName {
  /** `owner`: the kernel removes the table when the process that made it ends (kernel 5.12). Only in an `OwnerSession`. */
  readonly flags?: readonly ("owner" | "dormant")[];
  readonly sets?: readonly NamedSet[];
  readonly chains?: readonly Chain[];
}

/** The data types of set elements that this model knows; `inet_service` is a port. */
export type SetType = "inet_service" | "ipv4_addr" | "ipv6_addr" | "mark";

/** A value of a set: a number for ports and marks, text for addresses. */
export type SetValue = number | string;

/** An element, with the time after which the kernel drops it by itself. */
export interface SetElement {
  readonly value: SetValue;
  /** Whole milliseconds; needs the flag `timeout` on the set. */
  readonly timeoutMs?: number;
}

/** A set that rules refer to by its name. */
export interface NamedSet {
  readonly name: string;
  readonly type: SetType;
  readonly flags?: readonly ("timeout" | "interval")[];
  readonly elements?: readonly SetElement[];
}

export type Hook = "prerouting" | "input" | "forward" | "output" | "postrouting";

/** Hangs a chain into the way of the packets. */
export interface BaseChain {
  /** `route` re-routes a packet whose mark the chain has changed; only in `output`. */
  readonly type: "filter" | "nat" | "route";
  readonly hook: Hook;
  /** Lower runs first; see `PRIORITY` for the kernel's own names. */
  readonly priority: number;
  readonly policy?: "accept" | "drop";
}

/** The kernel's names for priorities (NF_IP_PRI_* of linux/netfilter_ipv4.h). nft takes some names only in some hooks, numbers in all. */
export const PRIORITY = {
  raw: -300,
  mangle: -150,
  dstnat: -100,
  filter: 0,
  security: 50,
  srcnat: 100,
} as const;

/**
 * Where rules divert: behind the destination NAT of others, so that a mesh's sidecar gets its connections first, deciphers them, and
 * what it then sends to the app over lo is diverted. (Of equal priority the newest chain runs first: nf_hook_entries_grow.)
 */
export const BEHIND_DSTNAT = PRIORITY.dstnat + 1;

/** A chain; without `base` packets come here by jump only. */
export interface Chain {
  readonly name: string;
  readonly base?: BaseChain;
  readonly rules?: readonly Rule[];
}

/** Parts are looked at from left to right; the first match that fails ends the rule. */
export interface Rule {
  readonly parts: readonly (Match | Statement)[];
  /** Shown by `nft list`; at most 128 bytes, no quotes. */
  readonly comment?: string;
}
