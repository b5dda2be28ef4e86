/**
 * A process that carries datagrams between two peers, each way late by `delayMs`, and loses a share of them.
 *
 * `node relay.ts '<RelayOptions as JSON>'`; prints `ready`. Packets keep their order, as netem's do without jitter.
 */
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import type { LinkQuality } from "./emulated-link.ts";

export interface UdpAddress {
  readonly address: string;
  readonly port: number;
}

export interface RelayOptions extends LinkQuality {
  /** Where the relay listens for each peer, and where the peer is. */
  readonly sides: readonly { readonly bind: UdpAddress; readonly peer: UdpAddress }[];
}

const SOCKET_BUFFER_BYTES = 4 << 20;

/** One direction: packets wait for their time, and leave in the order in which they came. */
class Direction {
  readonly #quality: LinkQuality;
  readonly #send: (packet: Buffer) => void;
  readonly #random: () => number;
  readonly #waiting: { readonly packet: Buffer; readonly dueMs: number }[] = [];

  constructor(quality: LinkQuality, seed: number, send: (packet: Buffer) => void) {
    this.#quality = quality;
    this.#random = randomFrom(seed);
    this.#send = send;
  }

  take(packet: Buffer): void {
    const { loss, queuePackets, delayMs } = this.#quality;
    if (this.#random() < loss || this.#waiting.length >= queuePackets) return;
    this.#waiting.push({ packet, dueMs: performance.now() + delayMs });
    if (this.#waiting.length === 1) this.#wait();
  }

  #wait(): void {
    const [first] = this.#waiting;
    if (first !== undefined) setTimeout(() => this.#release(), first.dueMs - performance.now());
  }

  #release(): void {
    const nowMs = performance.now();
    while (this.#waiting[0] !== undefined && this.#waiting[0].dueMs <= nowMs) {
      const next = this.#waiting.shift();
      if (next !== undefined) this.#send(next.packet);
    }
    this.#wait();
  }
}

/** The same sequence of numbers in [0, 1) for a seed: Marsaglia's xorshift of 32 bits (doi:10.18637/jss.v008.i14). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

const options = JSON.parse(process.argv[2] ?? "") as RelayOptions; // Written by relay-link.ts.
const ends: { socket: Socket; peer: UdpAddress }[] = [];
for (const { bind, peer } of options.sides) {
  const socket = createSocket("udp4").bind(bind.port, bind.address);
  await once(socket, "listening");
  socket.setRecvBufferSize(SOCKET_BUFFER_BYTES);
  socket.on("error", () => {}); // A peer that is not there yet, or no more, answers by ICMP.
  ends.push({ socket, peer });
}
for (const [index, { socket }] of ends.entries()) {
  const other = ends[1 - index];
  if (other === undefined) throw new Error("a relay has two sides");
  const direction = new Direction(options, 0x9e3779b9 + index, (packet) =>
    other.socket.send(packet, other.peer.port, other.peer.address),
  );
  socket.on("message", (packet) => direction.take(packet));
}
process.stdout.write("ready\n");
