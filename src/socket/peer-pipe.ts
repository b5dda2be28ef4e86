import type { Peer, PeerOwner } from "./peer.ts";

/**
 * Two connections that are one: bytes both ways, each side read as fast as the other one takes it; FIN and resets are
 * passed on. It holds no bytes of its own.
 */
export class PeerPipe implements PeerOwner {
  readonly #one: Peer;
  #other: Peer | undefined;
  #isLost = false;

  /** Owns the first connection from here on. It must be open, and paused until the second one is there. */
  constructor(one: Peer) {
    this.#one = one;
    one.giveTo(this);
  }

  /** The second connection is there, open, and has this pipe as its owner. When the first one is lost by now it is reset. */
  join(other: Peer): void {
    this.#other = other;
    if (this.#isLost) other.reset();
    else this.#one.resume();
  }

  /** Both are of no use any more. */
  reset(): void {
    this.#isLost = true;
    this.#one.reset();
    this.#other?.reset();
  }

  onConnected(): void {
    // Both were open when they came.
  }

  onBytes(peer: Peer, bytes: Buffer, length: number): void {
    if (this.#beside(peer)?.write(bytes, 0, length) === false) peer.pause();
  }

  onEnd(peer: Peer): void {
    this.#beside(peer)?.end();
  }

  onDrain(peer: Peer): void {
    this.#beside(peer)?.resume();
  }

  onClosed(_peer: Peer, error: NodeJS.ErrnoException | undefined): void {
    // Without an error both directions have ended, and the other side was told.
    if (error !== undefined) this.reset();
  }

  #beside(peer: Peer): Peer | undefined {
    return peer === this.#one ? this.#other : this.#one;
  }
}
