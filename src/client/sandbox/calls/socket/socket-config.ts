import type { Endpoint } from "../../../../kernel/index.ts";

/** What the fast side, on the supervisor's thread, knows from the beginning. It is cloned on its way there. */
export interface SocketConfig {
  /** Of the BroadcastChannel by which the main thread tells it what it has decided. */
  readonly channel: string;
  /** Null in a network namespace: its network needs nobody here. */
  readonly network: NetworkConfig | null;
}

export interface NetworkConfig {
  /** The pod's own addresses, as far as they are known. */
  readonly podAddresses: readonly string[];
  /** Ports on loopback where sockets wait that are connected to the pod (SilentListener). */
  readonly silentPorts: readonly number[];
}

/** What the fast side passes on. */
export interface ConnectAbout {
  readonly cookie: bigint;
  readonly inode: number;
  readonly to: Endpoint;
  /** Of its socket. */
  readonly family: 4 | 6;
}

export interface SocketErrorAbout {
  readonly cookie: bigint;
  readonly inode: number;
}
