import type { Socket } from "node:net";
import type { Endpoint } from "../../kernel/index.ts";

/**
 * What both sources of flows, the namespace and the held system calls, ask for when the program talks to somebody. Who
 * implements it decides by rules where a flow leaves: from the pod, or from this machine.
 */
export interface Outgoing {
  /**
   * Connects to where the program wants to go; settles when the far end has accepted.
   * @throws NetworkError with the errno of the real connect(2); the signal's reason
   */
  connect(to: Destination, options: { signal: AbortSignal }): Promise<FarEnd>;
  /** The far end of one UDP socket of the program, connected or not. */
  datagrams(events: DatagramEvents): DatagramPort;
  /** Where such a flow leaves, when that is known without asking anybody: a source may let the kernel do what is local. */
  wayOf(to: Destination): "pod" | "local";
}

export type Destination = { readonly protocol: "tcp" | "udp"; readonly endpoint: Endpoint } | UnixDestination;

/** The path is absolute, bytes as latin-1; of an abstract name the first byte is NUL (unix(7)). */
export interface UnixDestination {
  readonly protocol: "unix";
  readonly path: string;
  readonly type: "stream" | "seqpacket";
}

/** A connection that is up at its far end, and waits for its near one. */
export interface FarEnd {
  /** Moves bytes both ways until both directions are over, half-closes and resets included; owns the near end from here on. */
  join(near: NearEnd): void;
  /** Nobody came for it. */
  abandon(): void;
}

/**
 * The connection to the program, open: a descriptor of a stream socket that does not block, as `Acceptor` gives it, or a
 * socket of Node that was made with `allowHalfOpen` and has no listeners. Prefer the descriptor: it costs half as much for
 * each byte, and only with it a reset of the far end reaches the program as one at once. Node says FIN first, which a
 * program may take for the end of what it reads.
 */
export type NearEnd = number | Socket;

export interface DatagramEvents {
  onDatagram(payload: Buffer, from: Endpoint): void;
  /** Something came back that was no datagram, such as ECONNREFUSED of a connected socket (udp(7)). */
  onError(errno: string, about: Endpoint): void;
}

export interface DatagramPort {
  /** Never waits: what there is no room for is lost, as UDP may. The payload is kept, as long as it takes. `connected` says that the program's socket is. */
  send(payload: Buffer, to: Endpoint, options?: { connected?: boolean }): void;
  close(): void;
}

/** Why there is no connection, in the kernel's words. */
export class NetworkError extends Error {
  /** Such as `ECONNREFUSED`. */
  readonly errno: string;

  constructor(errno: string, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = "NetworkError";
    this.errno = errno;
  }
}
