import type { ToolOptions } from "./tool.ts";

export type BackendName = "tproxy" | "redirect" | "iptables";

/**
 * Diverts new TCP connections to chosen ports of this network namespace to a listener of ours. Three backends, one law:
 *
 * - Only the ports of the last `setPorts` are diverted, and only on addresses of the namespace itself.
 * - Sockets with the mark `upstreamMark` are never diverted.
 * - A port whose lease is not renewed is released: `leaseMs` later, with "iptables" up to one second more.
 * - When our process dies, the port is released: at once with "tproxy" and "redirect", at the lease's end with "iptables".
 *
 * Who opens it closes it.
 */
export interface Redirector extends AsyncDisposable {
  readonly backend: BackendName;
  /** Whether the accepted socket's local address is the original destination ("tproxy"), or SO_ORIGINAL_DST must be asked. */
  readonly originalDestination: "local-address" | "so-original-dst";
  /**
   * Diverts exactly these ports, atomically; each for `leaseMs` unless renewed. Without ports nothing is diverted.
   * @throws NftError `invalid-value` for a port out of range or of the listener itself; else the codes of the backend. Nothing has changed then.
   */
  setPorts(ports: readonly number[]): Promise<void>;
  /**
   * Renews the lease of the current ports. Call it from the event loop that serves the connections, at least five times per lease, so that
   * a loop that hangs loses its ports. A call while one is under way joins it.
   */
  renew(): Promise<void>;
  /**
   * How many new connections to ports of the last `setPorts` came to this namespace's sockets past our rule since the redirector was opened:
   * neither diverted nor by a socket with `upstreamMark`. Undefined with "iptables", which does not count them.
   * @throws NftError `closed`, `exited`, `timed-out`.
   */
  countPassed(): Promise<number | undefined>;
  /** Calls back once when the backend died or the rules are gone, unless by `close` or `destroy`. Nothing is diverted then. */
  onLost(callback: (error: Error) => void): void;
  /** Removes everything that was added; connections that were diverted live on where the backend allows. Safe to call twice. */
  close(): Promise<void>;
  /** Ends now: "tproxy" and "redirect" are gone at once, "iptables" at its lease's end, its empty chains with the next `openRedirector`. */
  destroy(): void;
}

export interface RedirectorOptions extends ToolOptions {
  /**
   * Where to divert to; a family without a listener is not diverted. At least one.
   * "tproxy": a listener on 127.0.0.1 or ::1 with IP_TRANSPARENT or IPV6_TRANSPARENT, so that nobody outside can connect to it.
   * "redirect" and "iptables": a listener on the wildcard address; the rules refuse who connects to it directly.
   */
  readonly listenerPort4?: number;
  readonly listenerPort6?: number;
  /** SO_MARK of the agent's own connections to the app: never diverted. Not 0. */
  readonly upstreamMark: number;
  /** "redirect" and "iptables": sockets of this group are not diverted either. */
  readonly agentGid?: number;
  /** How long a port stays diverted without `renew`. Default 4000. */
  readonly leaseMs?: number;
  /** Default "nft", looked up in PATH. */
  readonly nftPath?: string;
  /** Which iptables-restore to use: the system's own choice, or "iptables-nft-restore", or "iptables-legacy-restore". */
  readonly iptablesVariant?: "default" | "nft" | "legacy";
}

export const DEFAULT_LEASE_MS = 4000;
