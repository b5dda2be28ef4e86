import type { IpNetwork } from "./ip-network.ts";
import type { NamePattern } from "./name-pattern.ts";

/**
 * Where a flow of the program leads.
 *
 * | where    | what becomes of it                                                           |
 * |----------|------------------------------------------------------------------------------|
 * | `local`  | it leaves from this machine                                                  |
 * | `remote` | it leaves from the pod                                                       |
 * | `absent` | nobody is there: ENOENT. Only sockets that are built in, never a user's word |
 */
export type Where = "local" | "remote" | "absent";

/** One rule: the first that fits decides. Plain data, so that it can be given to a worker (structured clone). */
export interface OutgoingRule {
  readonly where: Where;
  readonly flows: HostFlows | UnixFlows;
  /** How the user wrote it; of a built-in one how a user would. For messages. */
  readonly written: string;
  /** Why it is built in, as the end of "… since it …"; null when the user wrote it. */
  readonly builtIn: string | null;
}

/** Flows over TCP or UDP. */
export interface HostFlows {
  readonly kind: "host";
  /** Null is both. */
  readonly protocol: "tcp" | "udp" | null;
  readonly host: HostPattern;
  /** First and last; null is every port. */
  readonly ports: PortRange | null;
}

export interface PortRange {
  readonly first: number;
  readonly last: number;
}

export type HostPattern =
  | { readonly kind: "any" }
  | { readonly kind: "name"; readonly name: NamePattern }
  | { readonly kind: "network"; readonly network: IpNetwork };

/** Sockets of unix(7). */
export interface UnixFlows {
  readonly kind: "unix";
  /** As `fitsPath` reads it: bytes as latin-1. */
  readonly path: string;
}

/** All that decides. */
export interface OutgoingRules {
  /** The user's first, then those that are built in. */
  readonly rules: readonly OutgoingRule[];
  /** The pod's search domains (resolv.conf(5)) as `canonicalName` writes names; null while nobody has read them. */
  readonly searchDomains: readonly string[] | null;
}
