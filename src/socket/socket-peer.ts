import type { Socket } from "node:net";
import type { Peer, PeerOwner } from "./peer.ts";

/**
 * One end of a connection that came as a socket of Node, open already. Where the descriptor itself is at hand,
 * {@link TcpPeer} copies less; and only there a reset is told at once: Node sends FIN before it, behind all that waits.
 */
export class SocketPeer implements Peer {
  readonly isTruncated = false;
  readonly #socket: Socket;
  #owner: PeerOwner;
  #error: NodeJS.ErrnoException | undefined;

  /** The socket must have been made with `allowHalfOpen`, and nobody else may listen to it any more. */
  constructor(options: { socket: Socket; owner: PeerOwner }) {
    this.#socket = options.socket;
    this.#owner = options.owner;
    this.#socket
      .setNoDelay(true)
      .on("data", (bytes: Buffer) => this.#owner.onBytes(this, bytes, bytes.length))
      .on("end", () => this.#owner.onEnd(this))
      .on("drain", () => this.#owner.onDrain(this))
      .on("error", (error) => {
        this.#error = error;
      })
      .on("close", () => this.#owner.onClosed(this, this.#error))
      .resume();
    // One that was closed before tells nothing any more.
    if (this.#socket.destroyed)
      setImmediate(() => this.#owner.onClosed(this, this.#error ?? new Error("it was closed before")));
  }

  get isEnded(): boolean {
    return this.#socket.readableEnded;
  }

  giveTo(owner: PeerOwner): void {
    this.#owner = owner;
  }

  write(bytes: Buffer, from = 0, to = bytes.length): boolean {
    if (!this.#socket.writable) return true;
    return this.#socket.write(Buffer.from(bytes.subarray(from, to)));
  }

  give(bytes: Buffer): boolean {
    return !this.#socket.writable || this.#socket.write(bytes);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  end(onSent?: () => void): void {
    if (this.#socket.writable) this.#socket.end(onSent);
    else if (this.#socket.writableFinished) onSent?.();
    else if (onSent !== undefined) this.#socket.once("finish", onSent);
  }

  cut(): void {
    this.end();
  }

  leave(): void {
    this.end();
    if (!this.isEnded) this.destroy();
  }

  reset(): void {
    if (!this.#socket.destroyed) this.#socket.resetAndDestroy();
  }

  destroy(): void {
    this.#socket.destroy();
  }
}
