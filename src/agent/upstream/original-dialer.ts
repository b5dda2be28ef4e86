import { type Endpoint, KernelError, openUpstreamSocket } from "../../kernel/index.ts";
import { type Peer, type PeerOwner, TcpPeer } from "../../socket/index.ts";

/** A connect that keeps the client's address and gets no answer has no way back; then the address is given up. */
const FOREIGN_CONNECT_MS = 3_000;

/** How a connection to the app came about, from the best way to the last resort. */
export type DialWay = "client-address" | "own-address" | "loopback";

/** One connection to the app that is wanted. Exactly one of the two callbacks is called, never before `dial` returns. */
export interface Dial {
  /** The client: the app shall see its address. Undefined when it is the agent who asks. */
  readonly from: Endpoint | undefined;
  readonly to: Endpoint;
  /** Who owns the peer once it is open. */
  readonly owner: PeerOwner;
  readonly onOpen: (peer: Peer, way: DialWay) => void;
  readonly onFailed: (error: Error) => void;
}

/**
 * Dials the original destination of a connection as its client would have.
 *
 * The socket is bound to the client's own address (IP_TRANSPARENT) and marked, so that no rule of ours diverts it.
 * Where the kernel refuses that, the app is dialled plainly; where it listens only on loopback, there.
 */
export class OriginalDialer {
  readonly #readBuffer: Buffer;
  readonly #mark: number;
  readonly #keepsClientAddress: boolean;
  readonly #onWorseWay: (way: DialWay, cause: Error) => void;

  constructor(options: {
    readBuffer: Buffer;
    /** SO_MARK of our sockets, as the rules know it. */
    mark: number;
    /** Whether answers to a foreign address find their way back to us (the return path is in place). */
    keepsClientAddress: boolean;
    /** Told each time a connection came about in another way than wanted. */
    onWorseWay: (way: DialWay, cause: Error) => void;
  }) {
    this.#readBuffer = options.readBuffer;
    this.#mark = options.mark;
    this.#keepsClientAddress = options.keepsClientAddress;
    this.#onWorseWay = options.onWorseWay;
  }

  dial(wanted: Dial): void {
    const ways = this.#waysFor(wanted);
    const next = (cause: Error | undefined): void => {
      const way = ways.shift();
      if (way === undefined) return wanted.onFailed(cause ?? new Error("no way to the app"));
      // Whoever refuses the client's address refuses ours; only another address of the app can help.
      if (way === "own-address" && isRefusal(cause)) return next(cause);
      if (cause !== undefined) this.#onWorseWay(way, cause);
      this.#attempt(wanted, way, next);
    };
    next(undefined);
  }

  #waysFor({ from, to }: Dial): DialWay[] {
    // A caller in the pod has an address of the pod; which one it is, the app shall see as well.
    const keepsAddress = this.#keepsClientAddress && from !== undefined;
    const first: DialWay[] = keepsAddress ? ["client-address", "own-address"] : ["own-address"];
    return isLoopback(to) ? first : [...first, "loopback"];
  }

  #attempt(wanted: Dial, way: DialWay, next: (cause: Error) => void): void {
    const { family } = wanted.to;
    const client = way === "client-address" ? wanted.from : undefined;
    let fd: number;
    try {
      fd = openUpstreamSocket({
        family,
        mark: this.#mark,
        ...(client === undefined ? {} : { from: client.address }),
      });
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      setImmediate(next, error);
      return;
    }
    const attempt = new Attempt(wanted, way, next);
    const peer = new TcpPeer({ fd, connect: true, owner: attempt, readBuffer: this.#readBuffer });
    if (way === "client-address") attempt.limit(peer, FOREIGN_CONNECT_MS);
    const loopback = family === 4 ? "127.0.0.1" : "::1";
    peer.connect({ address: way === "loopback" ? loopback : wanted.to.address, port: wanted.to.port });
  }
}

/** Owns a peer from its first SYN until it is open and given away, or has failed. */
class Attempt implements PeerOwner {
  readonly #wanted: Dial;
  readonly #way: DialWay;
  readonly #onFailed: (cause: Error) => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(wanted: Dial, way: DialWay, onFailed: (cause: Error) => void) {
    this.#wanted = wanted;
    this.#way = way;
    this.#onFailed = onFailed;
  }

  limit(peer: TcpPeer, ms: number): void {
    this.#timer = setTimeout(() => peer.socket.destroy(new Error(`no answer within ${ms} ms`)), ms);
  }

  onConnected(peer: Peer): void {
    clearTimeout(this.#timer);
    peer.giveTo(this.#wanted.owner);
    this.#wanted.onOpen(peer, this.#way);
  }

  onClosed(_peer: Peer, error: Error | undefined): void {
    clearTimeout(this.#timer);
    this.#onFailed(error ?? new Error("closed before it was open"));
  }

  onBytes(): void {
    // Nothing is read before the connection is open.
  }

  onEnd(): void {
    // A FIN follows the handshake, and the peer is given away by then.
  }

  onDrain(): void {
    // Nothing is written before the connection is open.
  }
}

function isRefusal(error: Error | undefined): boolean {
  return error !== undefined && "code" in error && error.code === "ECONNREFUSED";
}

function isLoopback({ family, address }: Endpoint): boolean {
  return family === 4 ? address.startsWith("127.") : address === "::1";
}
