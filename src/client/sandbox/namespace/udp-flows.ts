import {
  type CaughtDatagram,
  closeDescriptor,
  type Endpoint,
  formatEndpoint,
  type ReadableWatch,
  receiveDatagram,
  type SocketDiagnosis,
  watchReadable,
} from "../../../kernel/index.ts";
import type { DatagramPort, Outgoing } from "../../outgoing/index.ts";
import { unreachablePacket } from "./packet/icmp-packet.ts";
import { datagramPacket } from "./packet/udp-packet.ts";

/** Sockets of the program that are served at once; above it, the one that has been silent longest is let go. */
const MAX_FLOWS = 1_024;
/** How often it is looked whose sockets are closed, and how long a flow is left alone before. */
const LOOK_MS = 5_000;
/** Where the kernel does not tell of sockets: as long as connection tracking keeps what was answered. */
const UNKNOWN_IDLE_MS = 120_000;
/** Read in one turn of the event loop. */
const BATCH = 64;

/** One UDP socket of the program, by the address and port that it sends from. */
interface Flow {
  readonly program: Endpoint;
  readonly port: DatagramPort;
  usedMs: number;
  /** Where it sent last, and whether it was connected then. */
  peer: string;
  isConnected: boolean;
}

export interface UdpFlowParts {
  readonly outgoing: Pick<Outgoing, "datagrams">;
  /** Transparent sockets of the namespace; owned from here on. */
  readonly sockets: readonly number[];
  /** Sends a packet to the program. */
  readonly answer: (packet: Buffer, to: Endpoint) => void;
  readonly diagnosis: SocketDiagnosis;
  readonly onFault: (error: unknown) => void;
}

/**
 * The program's UDP: datagrams are caught on their way and given to a port of the far side, one for each socket of the
 * program; what comes back is sent from whom it is, so that connected sockets take it, and their errors are theirs.
 * A flow lives as long as its socket.
 */
export class UdpFlows implements Disposable {
  readonly #parts: UdpFlowParts;
  /** Least recently used first. */
  readonly #flows = new Map<string, Flow>();
  readonly #watches: ReadableWatch[];
  #timer: NodeJS.Timeout | undefined;
  #canDiagnose = true;
  #isOpen = true;

  constructor(parts: UdpFlowParts) {
    this.#parts = parts;
    this.#watches = parts.sockets.map((socket) => watchReadable(socket, () => this.#read(socket)));
  }

  [Symbol.dispose](): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    clearInterval(this.#timer);
    for (const watch of this.#watches) watch.close();
    for (const socket of this.#parts.sockets) closeDescriptor(socket);
    for (const flow of this.#flows.values()) flow.port.close();
    this.#flows.clear();
  }

  #read(socket: number): void {
    try {
      for (let left = BATCH; left > 0 && this.#isOpen; left--) {
        const datagram = receiveDatagram(socket);
        if (datagram === undefined) return;
        this.#pass(datagram);
      }
    } catch (error) {
      this.#parts.onFault(error);
    }
  }

  #pass({ payload, from, to }: CaughtDatagram): void {
    const key = formatEndpoint(from);
    const flow = this.#flows.get(key) ?? this.#begin(from);
    flow.usedMs = performance.now();
    // Last in the order of use.
    this.#flows.delete(key);
    this.#flows.set(key, flow);
    const peer = formatEndpoint(to);
    if (flow.peer !== peer) {
      flow.peer = peer;
      flow.isConnected = this.#isConnected(from, to);
    }
    // What was received is overwritten by the next one.
    flow.port.send(Buffer.from(payload), to, { connected: flow.isConnected });
  }

  #begin(program: Endpoint): Flow {
    if (this.#flows.size >= MAX_FLOWS) {
      const [oldest] = this.#flows;
      if (oldest !== undefined) this.#end(...oldest);
    }
    this.#timer ??= setInterval(() => this.#look(), LOOK_MS).unref();
    return {
      program,
      port: this.#parts.outgoing.datagrams({
        onDatagram: (payload, from) => this.#answer(datagramPacket({ payload, from, to: program }), program),
        onError: (errno, about) => {
          // The kernel looks for the socket by the ends of the datagram that it was about.
          const sent = datagramPacket({ payload: new Uint8Array(0), from: program, to: about });
          this.#answer(sent && unreachablePacket({ about: sent, errno }), program);
        },
      }),
      usedMs: 0,
      peer: "",
      isConnected: false,
    };
  }

  #answer(packet: Buffer | undefined, to: Endpoint): void {
    if (packet !== undefined && this.#isOpen) this.#parts.answer(packet, to);
  }

  #isConnected(local: Endpoint, peer: Endpoint): boolean {
    try {
      return this.#canDiagnose && this.#parts.diagnosis.isConnected({ local, peer });
    } catch {
      // As for one that is not: its errors are lost.
      this.#canDiagnose = false;
      return false;
    }
  }

  /** Ends the flows of sockets that are closed. */
  #look(): void {
    const ports = this.#portsInUse();
    const nowMs = performance.now();
    const idleMs = ports === undefined ? UNKNOWN_IDLE_MS : LOOK_MS;
    for (const [key, flow] of this.#flows)
      if (nowMs - flow.usedMs >= idleMs && ports?.has(flow.program.port) !== true) this.#end(key, flow);
    if (this.#flows.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #portsInUse(): Set<number> | undefined {
    try {
      return this.#canDiagnose ? this.#parts.diagnosis.datagramPorts() : undefined;
    } catch {
      this.#canDiagnose = false;
      return undefined;
    }
  }

  #end(key: string, flow: Flow): void {
    this.#flows.delete(key);
    flow.port.close();
  }
}
