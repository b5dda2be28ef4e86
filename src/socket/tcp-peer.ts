import { Socket } from "node:net";
import { resetOnClose, sendNow } from "../kernel/index.ts";
import type { Peer, PeerOwner } from "./peer.ts";

/** Room for one read. Large, so that a bulk flow costs few system calls; shared, so that it costs nobody anything. */
const READ_BUFFER_BYTES = 256 * 1024;

/** The one buffer that all peers of an agent read into: its bytes are used up or copied before the next read. */
export function newReadBuffer(): Buffer {
  return Buffer.allocUnsafeSlow(READ_BUFFER_BYTES);
}

/** What a peer reads into: the same buffer each time, or one that is chosen for each read by what the last one has brought. */
export type ReadBuffer = Buffer | ((lastLength: number) => Buffer);

/**
 * One end of a TCP connection, or of one between stream sockets of unix(7).
 *
 * Reads with Node's `onread` buffer and writes by send(2) straight from it, so that a byte on its way through is never
 * copied by us and nothing is allocated for it. Only what the kernel does not take at once is copied and left to Node's
 * own socket, and then everything else queues behind it. On the descriptor Node and we agree through `socket`: it is
 * ours to write to as long as that is writable and holds nothing back.
 */
export class TcpPeer implements Peer {
  readonly socket: PeerSocket;
  readonly isTruncated = false;
  /** Good for as long as the socket is open; Node closes it. */
  readonly descriptor: number;
  #owner: PeerOwner;
  #paused = false;
  /** How much the last read has brought. */
  #readLength = 0;
  #error: NodeJS.ErrnoException | undefined;

  constructor(options: { fd: number; connect?: boolean; owner: PeerOwner; readBuffer: ReadBuffer }) {
    const { readBuffer } = options;
    this.descriptor = options.fd;
    this.#owner = options.owner;
    const socketOptions = {
      fd: options.fd,
      allowHalfOpen: true,
      manualStart: options.connect === true,
      // Node's queue holds only what the kernel would not take: any of it means wait.
      highWaterMark: 1,
      onread: {
        buffer: typeof readBuffer === "function" ? () => readBuffer(this.#readLength) : readBuffer,
        // Node hands back the buffer that it was given.
        callback: (length: number, bytes: Uint8Array) => this.#read(bytes as Buffer, length),
      },
    };
    this.socket = new PeerSocket(this, socketOptions);
  }

  /** What the socket tells; to be called by it only. */
  heard(what: "end" | "drain" | "close"): void {
    if (what === "end") this.#owner.onEnd(this);
    else if (what === "drain") this.#owner.onDrain(this);
    else this.#owner.onClosed(this, this.#error);
  }

  /** The error that `close` will follow; to be called by the socket only. */
  failed(error: NodeJS.ErrnoException): void {
    this.#error = error;
  }

  get isEnded(): boolean {
    return this.socket.readableEnded;
  }

  giveTo(owner: PeerOwner): void {
    this.#owner = owner;
  }

  /** Connects a socket that was made with `connect`; `onConnected` or `onClosed` follows. */
  connect(to: { address: string; port: number }): void {
    this.socket.once("connect", () => this.#owner.onConnected(this));
    this.socket.connect({ host: to.address, port: to.port });
  }

  write(bytes: Buffer, from = 0, to = bytes.length): boolean {
    const { socket } = this;
    if (!socket.writable) return true;
    const sent = socket.writableLength === 0 ? sendNow(this.descriptor, bytes, from, to) : 0;
    if (sent === to - from) return true;
    return socket.write(Buffer.from(bytes.subarray(from + sent, to)));
  }

  give(bytes: Buffer, moreFollows: boolean): boolean {
    const { socket } = this;
    if (!socket.writable) return true;
    const { length } = bytes;
    const sent = socket.writableLength === 0 ? sendNow(this.descriptor, bytes, 0, length, moreFollows) : 0;
    return sent === length || socket.write(bytes.subarray(sent));
  }

  pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.socket.pause();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.socket.resume();
  }

  end(onSent?: () => void): void {
    if (this.socket.writable) this.socket.end(onSent);
    else if (this.socket.writableFinished) onSent?.();
    else if (onSent !== undefined) this.socket.once("finish", onSent);
  }

  cut(): void {
    this.end();
  }

  leave(): void {
    this.end();
    // The kernel delivers what it has taken; an app that has said its last word closes by itself.
    if (!this.isEnded) this.destroy();
  }

  /** Node's `resetAndDestroy` sends FIN first and waits until a slow reader has taken everything, so it is not used. */
  reset(): void {
    if (this.socket.destroyed) return;
    if (!this.socket.connecting) resetOnClose(this.descriptor);
    this.socket.destroy();
  }

  destroy(): void {
    this.socket.destroy();
  }

  #read(bytes: Buffer, length: number): boolean {
    this.#readLength = length;
    this.#owner.onBytes(this, bytes, length);
    return !this.#paused;
  }
}

/** A socket that knows its peer: its listeners are the same functions for all, not four closures for each. */
class PeerSocket extends Socket {
  readonly peer: TcpPeer;

  constructor(peer: TcpPeer, options: ConstructorParameters<typeof Socket>[0]) {
    super(options);
    this.peer = peer;
    this.on("end", onEnd);
    this.on("drain", onDrain);
    this.on("error", onError);
    this.on("close", onClose);
  }
}

function onEnd(this: PeerSocket): void {
  this.peer.heard("end");
}

function onDrain(this: PeerSocket): void {
  this.peer.heard("drain");
}

function onError(this: PeerSocket, error: NodeJS.ErrnoException): void {
  this.peer.failed(error);
}

function onClose(this: PeerSocket): void {
  this.peer.heard("close");
}
