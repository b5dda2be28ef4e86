import { takenSocket } from "../../../../../kernel/index.ts";
import { isLoopback, readProgramAddress } from "../program-address.ts";
import type { NetworkConfig } from "../socket-config.ts";
import type { Decisions } from "./decisions.ts";
import type { TakenSocket } from "./socket-of-call.ts";

/** Tells whose other end is ours, and stands for somebody in the pod. */
export class PodPeers {
  readonly #silentPorts: ReadonlySet<number>;
  readonly #decisions: Decisions;

  constructor({ network, decisions }: { network: NetworkConfig; decisions: Decisions }) {
    this.#silentPorts = new Set(network.silentPorts);
    this.#decisions = decisions;
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
