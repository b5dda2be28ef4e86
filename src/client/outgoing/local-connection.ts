import { PeerPipe, type TcpPeer } from "../../socket/index.ts";
import { nearPeer } from "./near-peer.ts";
import type { FarEnd, NearEnd } from "./outgoing.ts";

/** A connection of this machine's own. Nothing of it is read before it is joined. */
export class LocalConnection implements FarEnd {
  readonly #pipe: PeerPipe;

  /** It is open, and paused. */
  constructor(far: TcpPeer) {
    this.#pipe = new PeerPipe(far);
  }

  join(near: NearEnd): void {
    this.#pipe.join(nearPeer(near, this.#pipe));
  }

  abandon(): void {
    this.#pipe.reset();
  }
}
