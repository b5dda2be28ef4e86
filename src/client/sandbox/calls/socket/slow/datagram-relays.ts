import {
  closeDescriptor,
  decodeSockaddr,
  encodeSockaddr,
  type Endpoint,
  openLoopbackDatagrams,
  type ReadableWatch,
  socketMessage,
  watchReadable,
} from "../../../../../kernel/index.ts";
import type { DecisionMessage } from "../decision-message.ts";
import { keyOfEndpoint } from "../program-address.ts";

/** Peers in the pod at the same time; each takes a port of loopback. */
const MAX_RELAYS = 4096;
/** For how long one is kept that nobody uses. */
const IDLE_MS = 120_000;
/** Datagrams taken of one relay before the event loop gets its turn. */
const BATCH = 64;
const NO_CONTROL = Buffer.alloc(0);

/** A place on loopback that stands for one peer in the pod, for all sockets of the program. */
export interface DatagramRelay {
  readonly remote: Endpoint;
  readonly at: Endpoint;
  /** Gives a datagram of the peer to a socket on this machine. */
  send(payload: Uint8Array, to: Endpoint): void;
}

interface OpenRelay extends DatagramRelay {
  readonly fd: number;
  readonly watch: ReadableWatch;
  usedAtMs: number;
}

/** All relays. Each is told to the fast side before anything comes from it. */
export class DatagramRelays implements Disposable {
  readonly #relays = new Map<string, OpenRelay>();
  readonly #ports = new Map<string, OpenRelay>();
  readonly #tell: (message: DecisionMessage) => void;
  readonly #onDatagram: (relay: DatagramRelay, payload: Buffer, from: Endpoint) => void;

  constructor(options: {
    tell: (message: DecisionMessage) => void;
    /** A socket of this machine has sent something to it; `payload` is valid during the call. */
    onDatagram: (relay: DatagramRelay, payload: Buffer, from: Endpoint) => void;
  }) {
    this.#tell = options.tell;
    this.#onDatagram = options.onDatagram;
  }

  /** The one for a peer; undefined when there are too many. @throws KernelError `EMFILE`, `EADDRNOTAVAIL` without IPv6 */
  for(remote: Endpoint): DatagramRelay | undefined {
    const key = keyOfEndpoint(remote);
    const known = this.#relays.get(key);
    if (known !== undefined) {
      known.usedAtMs = Date.now();
      return known;
    }
    if (this.#relays.size >= MAX_RELAYS) return undefined;
    return this.#open(key, remote);
  }

  /** Who is behind a place on loopback; undefined when it is none of these. */
  behind(at: Endpoint): Endpoint | undefined {
    return this.#ports.get(keyOfEndpoint(at))?.remote;
  }

  /** Closes those that were not used for long, but for those whose peers `isNeeded`. */
  sweep(isNeeded: (remote: Endpoint) => boolean): void {
    const before = Date.now() - IDLE_MS;
    for (const relay of this.#relays.values())
      if (relay.usedAtMs < before && !isNeeded(relay.remote)) this.#close(relay);
  }

  [Symbol.dispose](): void {
    for (const relay of this.#relays.values()) this.#close(relay);
  }

  #open(key: string, remote: Endpoint): DatagramRelay {
    const { fd, endpoint: at } = openLoopbackDatagrams(remote.family);
    const relay: OpenRelay = {
      remote,
      at,
      fd,
      watch: watchReadable(fd, () => this.#read(relay)),
      usedAtMs: Date.now(),
      send: (payload, to) => {
        relay.usedAtMs = Date.now();
        const name = encodeSockaddr(to);
        // What cannot be given is lost, as it is when a program's buffer is full.
        socketMessage.sendMessage(fd, { name, payload, control: NO_CONTROL, flags: 0 });
      },
    };
    this.#relays.set(key, relay);
    this.#ports.set(keyOfEndpoint(at), relay);
    this.#tell({ what: "relay", at, remote });
    return relay;
  }

  #read(relay: OpenRelay): void {
    relay.usedAtMs = Date.now();
    for (let left = BATCH; left > 0; left--) {
      const { MAX_MESSAGE_BYTES: room } = socketMessage;
      const message = socketMessage.receiveMessage(relay.fd, { room, controlRoom: 0, flags: 0 });
      // EAGAIN, or an error of what was sent before to a socket that is gone: the next look goes on.
      if (typeof message === "string") return;
      this.#onDatagram(relay, message.payload, decodeSockaddr(message.name));
    }
  }

  #close(relay: OpenRelay): void {
    this.#tell({ what: "relay-closed", at: relay.at });
    this.#relays.delete(keyOfEndpoint(relay.remote));
    this.#ports.delete(keyOfEndpoint(relay.at));
    relay.watch.close();
    closeDescriptor(relay.fd);
  }
}
