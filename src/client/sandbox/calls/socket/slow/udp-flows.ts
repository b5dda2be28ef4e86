import {
  closeDescriptor,
  type Endpoint,
  formatEndpoint,
  KernelError,
  openRefusingPlace,
  takenSocket,
} from "../../../../../kernel/index.ts";
import type { Outgoing } from "../../../../outgoing/index.ts";
import type { Notices } from "../../notices.ts";
import type { HeldCall, SlowHandler, Verdict } from "../../../supervisor/index.ts";
import type { DecisionMessage } from "../decision-message.ts";
import { intOf } from "../fast/socket-of-call.ts";
import { sendFor } from "../messages/send-for.ts";
import { readSendingCall, type SentMessage } from "../messages/sending-call.ts";
import {
  addressForSocket,
  destinationOf,
  isLoopback,
  isOfOneLink,
  keyOfEndpoint,
  readProgramAddress,
} from "../program-address.ts";
import type { ConnectAbout } from "../socket-config.ts";
import { tellOfOneLink } from "./one-link-notice.ts";
import { DatagramRelays } from "./datagram-relays.ts";
import { inodesOfDatagramSockets, type ProgramDatagramSockets } from "./program-datagram-sockets.ts";
import { type SocketPlace, UdpFlow } from "./udp-flow.ts";

/** Sockets that talk to the pod at the same time. */
const MAX_FLOWS = 8192;
/** How often sockets are looked for that are gone. */
const SWEEP_MS = 5000;
const MSG_FASTOPEN = 0x2000_0000;

const CONTINUE: Verdict = { as: "continue" };

/**
 * UDP to the pod. Peers there are stood for by sockets of ours on loopback (`DatagramRelays`), so that what comes from them
 * wakes whoever waits for the program's own socket, by the kernel's own means.
 */
export class UdpFlows implements Disposable {
  readonly #outgoing: Outgoing;
  readonly #own: ProgramDatagramSockets;
  readonly #podAddresses: readonly string[];
  readonly #tell: (message: DecisionMessage) => void;
  readonly #notices: Notices;
  readonly #relays: DatagramRelays;
  readonly #refusing: Partial<Record<4 | 6, Endpoint>> = {};
  /** By inode. */
  readonly #flows = new Map<number, UdpFlow>();
  /** By the own end that relays see: family and port. */
  readonly #ends = new Map<string, UdpFlow>();
  readonly #stack = new DisposableStack();
  #sweeping: NodeJS.Timeout | undefined;

  constructor(parts: {
    outgoing: Outgoing;
    own: ProgramDatagramSockets;
    podAddresses: readonly string[];
    tell: (message: DecisionMessage) => void;
    notices: Notices;
  }) {
    this.#outgoing = parts.outgoing;
    this.#own = parts.own;
    this.#podAddresses = parts.podAddresses;
    this.#tell = parts.tell;
    this.#notices = parts.notices;
    this.#relays = this.#stack.use(
      new DatagramRelays({
        tell: parts.tell,
        onDatagram: (relay, payload, from) => this.#ends.get(keyOfEnd(from))?.send(payload, relay.remote),
      }),
    );
    this.#openRefusing(4);
    this.#openRefusing(6);
  }

  /** Who is behind a place on loopback. */
  behind(at: Endpoint): Endpoint | undefined {
    return this.#relays.behind(at);
  }

  /** sendto(2) and its kin, of a socket to somebody for the first time. */
  readonly send: SlowHandler = async (call, _about, caller) => {
    const sending = readSendingCall(call, caller);
    const fd = sending === null ? null : caller.takeDescriptor(sending.descriptor);
    if (sending === null || fd === null) return CONTINUE;
    try {
      const kind = takenSocket.socketKind(fd);
      if (kind !== "udp4" && kind !== "udp6") return sendByOthers(kind, sending.flags);
      const socket = { fd, family: kind === "udp6" ? 6 : 4, place: placeOf(call) } as const;
      const ways = new Map(sending.messages.map((message) => [message, this.#wayOf(socket, message)]));
      if (ways.values().every((way) => way === null)) return CONTINUE;
      const full = ways.values().find((way) => typeof way === "string");
      if (typeof full === "string") return { as: "errno", errno: full };
      const verdict = sendFor(caller, fd, sending, (message) => {
        const way = ways.get(message) ?? null;
        return way === null || typeof way === "string" ? null : addressForSocket(way, socket.family);
      });
      this.#learnEnds(fd);
      return verdict;
    } finally {
      closeDescriptor(fd);
    }
  };

  /** connect(2) of a socket of UDP. */
  readonly connect: SlowHandler<ConnectAbout> = async (call, { to, family }, caller) => {
    const fd = caller.takeDescriptor(intOf(call.args[0]));
    if (fd === null) return CONTINUE;
    try {
      const socket = { fd, family, place: placeOf(call) };
      const way = this.#decide(socket, to);
      if (typeof way === "string") return { as: "errno", errno: way };
      const flow = this.#flowOf(fd);
      if (way === null) {
        if (flow !== undefined) flow.connectedTo = undefined;
        return { ...CONTINUE, note: `UDP to ${formatEndpoint(to)}, here` };
      }
      const errno = takenSocket.connectSocket(fd, addressForSocket(way, family));
      if (errno !== null) return { as: "errno", errno };
      if (flow !== undefined) flow.connectedTo = to;
      this.#learnEnds(fd);
      return { as: "value", value: 0, note: `UDP to ${formatEndpoint(to)}` };
    } finally {
      closeDescriptor(fd);
    }
  };

  /** The program has taken its connection back. */
  takenBack({ inode, cookie }: { inode: number; cookie: bigint }): void {
    const flow = this.#flows.get(inode);
    if (flow?.cookie === cookie) flow.connectedTo = undefined;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#sweeping);
    for (const flow of this.#flows.values()) flow.port.close();
    this.#flows.clear();
    this.#ends.clear();
    this.#stack.dispose();
  }

  #wayOf(socket: OpenSocket, { name }: SentMessage): Endpoint | string | null {
    const address = name === null ? undefined : readProgramAddress(name);
    if (address?.kind !== "ip") return null;
    return this.#decide(socket, destinationOf(address.endpoint));
  }

  /** Where what is for them is to be sent; null where the kernel may do it; an errno when there is no room. */
  #decide(socket: OpenSocket, to: Endpoint): Endpoint | string | null {
    const inode = takenSocket.socketInode(socket.fd);
    const cookie = takenSocket.socketCookie(socket.fd);
    const own = this.#own.ownAt(to);
    this.#own.add(inode);
    if (own !== undefined && keyOfEndpoint(own) !== keyOfEndpoint(to)) {
      // The program's own socket, elsewhere than it has said: what comes from there is called as it has said.
      this.#tell({ what: "relay", at: own, remote: to });
      this.#tell({ what: "way", inode, cookie, to, relay: own });
      return own;
    }
    if (own !== undefined || this.#outgoing.wayOf({ protocol: "udp", endpoint: to }) === "local") {
      this.#tell({ what: "way", inode, cookie, to, relay: null });
      return null;
    }
    if (isOfOneLink(to)) {
      tellOfOneLink(this.#notices, to);
      return "ENETUNREACH";
    }
    // As where the pod has no such addresses: a resolver that tries which of them it can reach shall find out (RFC 6724).
    if (!isLoopback(to) && !this.#isFamilyOfPod(to.family)) return "ENETUNREACH";
    try {
      const relay = this.#relays.for(to);
      if (relay === undefined || !this.#openFlow({ inode, cookie, place: socket.place })) return "ENOBUFS";
      this.#tell({ what: "way", inode, cookie, to, relay: relay.at });
      this.#startSweeping();
      return relay.at;
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      return error.code === "EADDRNOTAVAIL" ? "ENETUNREACH" : "ENOBUFS";
    }
  }

  /** As long as nobody knows its addresses it may have both. */
  #isFamilyOfPod(family: 4 | 6): boolean {
    const addresses = this.#podAddresses;
    return addresses.length === 0 || addresses.some((address) => address.includes(":") === (family === 6));
  }

  #flowOf(fd: number): UdpFlow | undefined {
    const flow = this.#flows.get(takenSocket.socketInode(fd));
    return flow?.cookie === takenSocket.socketCookie(fd) ? flow : undefined;
  }

  /** False when there are too many. */
  #openFlow(parts: { inode: number; cookie: bigint; place: SocketPlace }): boolean {
    const known = this.#flows.get(parts.inode);
    if (known?.cookie === parts.cookie) {
      known.foundAt(parts.place);
      return true;
    }
    if (known !== undefined) this.#close(known);
    if (this.#flows.size >= MAX_FLOWS) return false;
    const flow = new UdpFlow({
      ...parts,
      relays: this.#relays,
      refusing: this.#refusing,
      open: (flow) =>
        this.#outgoing.datagrams({
          onDatagram: (payload, from) => flow.take(payload, from),
          onError: (errno, about) => {
            if (errno === "ECONNREFUSED") flow.refuse(about);
          },
        }),
    });
    this.#flows.set(parts.inode, flow);
    return true;
  }

  /** Which ports of loopback it has is known only now. */
  #learnEnds(fd: number): void {
    const flow = this.#flowOf(fd);
    if (flow === undefined) return;
    for (const end of flow.learnEnds(fd)) this.#ends.set(keyOfEnd(end), flow);
  }

  #startSweeping(): void {
    this.#sweeping ??= setInterval(() => void this.#sweep(), SWEEP_MS).unref();
  }

  /** Closes what belongs to sockets that are gone: nobody tells when the program closes one. */
  async #sweep(): Promise<void> {
    const seen = [...this.#flows.keys()];
    const alive = await inodesOfDatagramSockets();
    const gone = seen.filter((inode) => !alive.has(inode));
    for (const inode of gone) {
      const flow = this.#flows.get(inode);
      if (flow !== undefined) this.#close(flow);
    }
    this.#own.forget(gone);
    if (gone.length > 0) this.#tell({ what: "gone", inodes: gone });
    const needed = new Set(
      this.#flows.values().flatMap(({ connectedTo }) => (connectedTo ? [keyOfEndpoint(connectedTo)] : [])),
    );
    this.#relays.sweep((remote) => needed.has(keyOfEndpoint(remote)));
  }

  #close(flow: UdpFlow): void {
    this.#flows.delete(flow.inode);
    for (const [key, one] of this.#ends) if (one === flow) this.#ends.delete(key);
    flow.port.close();
  }

  #openRefusing(family: 4 | 6): void {
    try {
      const { fd, endpoint } = openRefusingPlace(family, "udp");
      this.#stack.defer(() => closeDescriptor(fd));
      this.#refusing[family] = endpoint;
    } catch (error) {
      if (!(error instanceof KernelError)) throw error; // a machine without this family
    }
  }
}

interface OpenSocket {
  readonly fd: number;
  readonly family: 4 | 6;
  readonly place: SocketPlace;
}

/** What else names whom it sends to: TCP, by which a connection would be opened beside connect(2) (TCP Fast Open, tcp(7)). */
function sendByOthers(kind: takenSocket.SocketKind, flags: number): Verdict {
  const opensConnection = (kind === "tcp4" || kind === "tcp6") && (flags & MSG_FASTOPEN) !== 0;
  // As where net.ipv4.tcp_fastopen is off: programs then connect as ever.
  return opensConnection ? { as: "errno", errno: "EOPNOTSUPP" } : CONTINUE;
}

function placeOf(call: HeldCall): SocketPlace {
  return { tid: call.tid, descriptor: intOf(call.args[0]) };
}

function keyOfEnd({ family, port }: Endpoint): string {
  return `${family} ${port}`;
}
