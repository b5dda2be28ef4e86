import { decodeSockaddr, type Endpoint, takenSocket } from "../../../../../kernel/index.ts";
import { isLoopback, readProgramAddress } from "../program-address.ts";
import type { NetworkConfig } from "../socket-config.ts";
import type { MovedPorts } from "./moved-ports.ts";
import type { Decisions } from "./decisions.ts";
import type { TakenSocket } from "./socket-of-call.ts";

/** Tells whose other end is ours, and stands for somebody in the pod. */
export class PodPeers {
  readonly #podAddresses: readonly string[];
  readonly #moved: MovedPorts;
  readonly #silentPorts: ReadonlySet<number>;
  readonly #decisions: Decisions;

  constructor(parts: { network: NetworkConfig; decisions: Decisions; moved: MovedPorts }) {
    const { network, decisions } = parts;
    this.#podAddresses = network.podAddresses;
    this.#moved = parts.moved;
    this.#silentPorts = new Set(network.silentPorts);
    this.#decisions = decisions;
  }

  /** Whether it is connected to another place than the program has said: to us, or to a listener of its own. */
  isElsewhere(socket: TakenSocket, { to, peer }: { to: Endpoint; peer: Buffer }): boolean {
    if (this.isConnectedToPod(socket)) return true;
    const at = decodeSockaddr(peer);
    if (!isLoopback(at)) return false;
    const protocol = socket.kind.startsWith("tcp") ? "tcp" : "udp";
    return this.#podAddresses.includes(to.address) || this.#moved.claimOf(protocol, at.port) !== undefined;
  }

  isConnectedToPod({ fd, kind }: TakenSocket): boolean {
    const peer = takenSocket.peerName(fd);
    if (peer === null) return false;
    if (kind === "udp4" || kind === "udp6") return this.#decisions.behind(peer) !== undefined;
    const address = readProgramAddress(peer);
    return (
      address.kind === "ip" && isLoopback(address.endpoint) && this.#silentPorts.has(address.endpoint.port)
    );
  }
}
