import { Socket } from "node:net";
import type { ReadBuffers } from "./read-buffers.ts";

/** What a {@link Peer} tells the connection it belongs to. */
export interface PeerOwner {
  /** Bytes came: `bytes[0, length)`, valid during the call only. */
  onBytes(peer: Peer, bytes: Buffer, length: number): void;
  /** The other side has sent its last byte (FIN); it may still read. */
  onEnd(peer: Peer): void;
  /** What was written has left, after a write that gave false. */
  onDrain(peer: Peer): void;
  onConnected(peer: Peer): void;
  /** The socket is gone, once; with the error that ended it. */
  onClosed(peer: Peer, error: NodeJS.ErrnoException | undefined): void;
}

/** Above this, what is queued for a slow reader stops the other side's reading. */
const HIGH_WATER_BYTES = 256 * 1024;
/** A read this large makes the flow a bulk flow, a smaller one ends it. */
const BULK_FROM_BYTES = 16 * 1024;

/**
 * One end of a TCP connection that the agent stands in: the client's side or the app's.
 *
 * Reads with Node's `onread` buffer: nothing is allocated for a read, and a small one costs one copy on its way out. A
 * bulk flow reads into a buffer of its own and lends it to the write; only when the kernel did not take everything at
 * once is the buffer replaced, until the write is done.
 */
export class Peer {
  readonly socket: Socket;
  #owner: PeerOwner;
  readonly #buffers: ReadBuffers;
  #current: Buffer;
  #paused = false;
  #settled = false;
  #error: NodeJS.ErrnoException | undefined;

  constructor(options: { fd: number; connect?: boolean; owner: PeerOwner; buffers: ReadBuffers }) {
    this.#owner = options.owner;
    this.#buffers = options.buffers;
    this.#current = options.buffers.shared;
    const onread = {
      buffer: () => this.#current,
      callback: (length: number, bytes: Uint8Array) => this.#read(length, bytes),
    };
    const socketOptions = {
      fd: options.fd,
      allowHalfOpen: true,
      manualStart: options.connect === true,
      highWaterMark: HIGH_WATER_BYTES,
      onread,
    };
    this.socket = new Socket(socketOptions);
    this.socket.on("end", () => this.#owner.onEnd(this));
    this.socket.on("drain", () => this.#owner.onDrain(this));
    this.socket.on("error", (error) => {
      this.#error = error;
    });
    this.socket.on("close", () => this.#closed());
  }

  /** From now on another one is told. */
  giveTo(owner: PeerOwner): void {
    this.#owner = owner;
  }

  /** Connects a socket that was made with `connect`; `onConnected` or `onClosed` follows. */
  connect(to: { address: string; port: number }): void {
    this.socket.once("connect", () => this.#owner.onConnected(this));
    this.socket.connect({ host: to.address, port: to.port });
  }

  /** Whether everything written so far has been taken by the kernel. */
  get isDrained(): boolean {
    return this.socket.writableLength === 0;
  }

  get canWrite(): boolean {
    return this.socket.writable;
  }

  /** Writes bytes that nobody changes any more. Gives false when the writer should wait for `onDrain`. */
  write(bytes: Uint8Array): boolean {
    return this.socket.writable ? this.socket.write(bytes) : true;
  }

  /** Writes a part of what `source` is reading just now. Gives false when the writer should wait for `onDrain`. */
  forward(source: Peer, bytes: Buffer, from: number, to: number): boolean {
    if (!this.socket.writable) return true;
    if (to - from < BULK_FROM_BYTES || !source.#isLendable(bytes)) {
      const copy = Buffer.allocUnsafe(to - from);
      bytes.copy(copy, 0, from, to);
      return this.socket.write(copy);
    }
    return source.#lend(this.socket, bytes.subarray(from, to));
  }

  /** Stops reading; the kernel then tells the sender to slow down. */
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

  get isPaused(): boolean {
    return this.#paused;
  }

  /** Sends FIN behind what was written; reading goes on. `onSent` is told when FIN has left, unless that fails. */
  end(onSent?: () => void): void {
    if (this.socket.writable) this.socket.end(onSent);
  }

  /** Ends now with RST, so that nobody takes what was sent for complete (RFC 9293 §3.10.7). */
  reset(): void {
    if (this.socket.connecting) this.socket.destroy();
    else this.socket.resetAndDestroy();
  }

  /** Ends now, with FIN when nothing is unread. */
  destroy(): void {
    this.socket.destroy();
  }

  /**
   * Says that the message being read ends with these bytes: nothing more is expected now, so no bulk buffer is kept.
   * A socket's buffer can only be changed at a read, hence this is the last chance before it falls idle.
   */
  settle(): void {
    this.#settled = true;
  }

  #read(length: number, bytes: Uint8Array): boolean {
    this.#settled = false;
    // The buffer that Node hands back is the one that `onread.buffer` gave it.
    this.#owner.onBytes(this, bytes as Buffer, length);
    const isBulk = length >= BULK_FROM_BYTES && !this.#settled;
    if (isBulk && this.#current === this.#buffers.shared)
      this.#current = this.#buffers.take() ?? this.#current;
    else if (!isBulk) this.#giveBack();
    return !this.#paused;
  }

  #isLendable(bytes: Buffer): boolean {
    return bytes === this.#current && bytes !== this.#buffers.shared;
  }

  /** Writes from the bulk buffer; if the kernel leaves some of it, reads go on in another one. */
  #lend(to: Socket, slice: Buffer): boolean {
    const lent = this.#current;
    let isReplaced = false;
    const goesOn = to.write(slice, () => {
      if (isReplaced) this.#buffers.give(lent);
    });
    if (to.writableLength > 0) {
      isReplaced = true;
      this.#current = this.#buffers.take() ?? this.#buffers.shared;
    }
    return goesOn;
  }

  #giveBack(): void {
    if (this.#current === this.#buffers.shared) return;
    this.#buffers.give(this.#current);
    this.#current = this.#buffers.shared;
  }

  #closed(): void {
    this.#giveBack();
    this.#owner.onClosed(this, this.#error);
  }
}
