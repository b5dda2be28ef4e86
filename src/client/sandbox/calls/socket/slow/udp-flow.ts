import {
  closeDescriptor,
  decodeSockaddr,
  type Endpoint,
  KernelError,
  LOOPBACK,
  socketMessage,
  takeDescriptor,
  takenSocket,
} from "../../../../../kernel/index.ts";
import type { DatagramPort } from "../../../../outgoing/index.ts";
import { addressForSocket, isAnyAddress, keyOfEndpoint } from "../program-address.ts";
import type { DatagramRelay, DatagramRelays } from "./datagram-relays.ts";

/** Where a socket of the program is to be found later on. */
export interface SocketPlace {
  readonly tid: number;
  readonly descriptor: number;
}

/** Of each family that this machine has. */
export type RefusingPlaces = Readonly<Partial<Record<4 | 6, Endpoint>>>;

/** One socket of UDP of the program that talks to the pod. */
export class UdpFlow {
  readonly inode: number;
  readonly cookie: bigint;
  readonly port: DatagramPort;
  /** Whom it is connected to. */
  connectedTo: Endpoint | undefined;
  readonly #relays: DatagramRelays;
  readonly #refusing: RefusingPlaces;
  /** Of its own end, by family. */
  readonly #own: { 4?: Endpoint; 6?: Endpoint } = {};
  #place: SocketPlace;

  constructor(parts: {
    inode: number;
    cookie: bigint;
    place: SocketPlace;
    relays: DatagramRelays;
    /** Where nobody takes datagrams. */
    refusing: RefusingPlaces;
    open: (flow: UdpFlow) => DatagramPort;
  }) {
    this.inode = parts.inode;
    this.cookie = parts.cookie;
    this.#place = parts.place;
    this.#relays = parts.relays;
    this.#refusing = parts.refusing;
    this.port = parts.open(this);
  }

  /** Looks at which ends relays see of it; to be called when it has a port. Gives those ends, one for a family. */
  learnEnds(fd: number): Endpoint[] {
    const bytes = takenSocket.socketName(fd);
    const ends = bytes === null ? [] : endsOf(decodeSockaddr(bytes), takenSocket.isOnlyIPv6(fd));
    for (const end of ends) this.#own[end.family] = end;
    return ends;
  }

  foundAt(place: SocketPlace): void {
    this.#place = place;
  }

  /** The program has sent something; `payload` is valid during the call, and copied. */
  send(payload: Buffer, to: Endpoint): void {
    const isConnected =
      this.connectedTo !== undefined && keyOfEndpoint(this.connectedTo) === keyOfEndpoint(to);
    this.port.send(Buffer.from(payload), to, { connected: isConnected });
  }

  /** Something came for it. */
  take(payload: Buffer, from: Endpoint): void {
    const own = this.#own[from.family];
    if (own !== undefined) this.#relayFor(from)?.send(payload, own);
  }

  /**
   * The peer of a connected socket refuses: makes the kernel tell the program by an ICMP error of this machine's own, at its
   * next call, and to whoever polls (udp(7)).
   */
  refuse(about: Endpoint): void {
    const peer = this.connectedTo;
    if (peer === undefined || keyOfEndpoint(peer) !== keyOfEndpoint(about)) return;
    const relay = this.#relayFor(peer);
    const refusing = this.#refusing[peer.family];
    if (relay === undefined || refusing === undefined) return;
    const fd = this.#takeSocket();
    if (fd === undefined) return;
    const family = takenSocket.socketKind(fd) === "udp6" ? 6 : 4;
    if (takenSocket.connectSocket(fd, addressForSocket(refusing, family)) === null)
      socketMessage.sendMessage(fd, { name: null, payload: NOTHING, control: NOTHING, flags: 0 });
    takenSocket.connectSocket(fd, addressForSocket(relay.at, family));
    closeDescriptor(fd);
  }

  #takeSocket(): number | undefined {
    try {
      const fd = takeDescriptor(this.#place.tid, this.#place.descriptor);
      if (takenSocket.socketCookie(fd) === this.cookie) return fd;
      closeDescriptor(fd);
    } catch (error) {
      if (!(error instanceof KernelError)) throw error; // closed, or its process is gone
    }
    return undefined;
  }

  #relayFor(peer: Endpoint): DatagramRelay | undefined {
    try {
      return this.#relays.for(peer);
    } catch (error) {
      if (!(error instanceof KernelError)) throw error; // no room for one more
      return undefined;
    }
  }
}

const NOTHING = Buffer.alloc(0);

/** A socket that is bound to all addresses is seen at loopback, and one of IPv6 may have both families. */
function endsOf(name: Endpoint, isOnlyIPv6: boolean): Endpoint[] {
  if (!isAnyAddress(name)) return [name];
  const ipv4: Endpoint = { family: 4, address: LOOPBACK[4], port: name.port };
  if (name.family === 4) return [ipv4];
  const ipv6: Endpoint = { family: 6, address: LOOPBACK[6], port: name.port };
  return isOnlyIPv6 ? [ipv6] : [ipv4, ipv6];
}
