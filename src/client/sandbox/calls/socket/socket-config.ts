import type { Endpoint } from "../../../../kernel/index.ts";
import type { FileRuleList } from "../../../files/index.ts";
import type { OutgoingRules } from "../../../outgoing/rules/index.ts";

/** What the fast side, on the supervisor's thread, knows from the beginning. It is cloned on its way there. */
export interface SocketConfig {
  /** Of the BroadcastChannel by which the main thread tells it what it has decided. */
  readonly channel: string;
  readonly unix: UnixConfig;
  /** Null in a network namespace: its network needs nobody here. */
  readonly network: NetworkConfig | null;
}

export interface UnixConfig {
  readonly rules: OutgoingRules;
  /** Whether an abstract name means the same to the program as to this machine; not so in a network namespace (unix(7)). */
  readonly sharesAbstractNames: boolean;
  /** By which it is decided whose a path is that a socket is bound to; null where all are this machine's. */
  readonly files: FileRuleList | null;
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

export interface ConnectUnixAbout {
  readonly cookie: bigint;
  readonly path: string;
  readonly type: "stream" | "seqpacket";
  /** As struct sockaddr, where the program's own namespace is to be asked first. */
  readonly address: Uint8Array | null;
}

export interface SocketErrorAbout {
  readonly cookie: bigint;
  readonly inode: number;
}

/** TCP is listened for. */
export interface ListeningAbout {
  readonly inode: number;
  /** In truth. */
  readonly at: Endpoint;
  /** In the program's own words. */
  readonly port: number;
  readonly isOnlyIPv6: boolean;
  /** Whether the program has asked for this number, as far as it was seen. */
  readonly isPortChosen: boolean;
  /** Whether the program has asked for a loopback address. */
  readonly isOnLoopback: boolean;
}

/** A socket was to be bound to a path of the pod. */
export interface PodSocketAbout {
  readonly path: string;
}

/** A socket of UDP has been bound. */
export interface BoundAbout {
  readonly inode: number;
  readonly cookie: bigint;
  /** In the program's own words; 0 where it has left that to the kernel. */
  readonly port: number;
}
