import { constants } from "node:os";
import { check, KernelError } from "./kernel-error.ts";
import * as libc from "./libc.ts";
import { socketpair } from "./libc-packet.ts";
import { Message } from "./message.ts";
import { type ReadableWatch, watchReadable } from "./readable-watch.ts";

/** unix(7). */
const AF_UNIX = 1;
const SOCK_SEQPACKET_CLOEXEC = 5 | 0o2000000;
const SOL_SOCKET = 1;
const SCM_RIGHTS = 1;
/** MSG_NOSIGNAL, MSG_DONTWAIT and MSG_CMSG_CLOEXEC (send(2), recv(2)). */
const NO_SIGNAL = 0x4000;
const DO_NOT_WAIT = 0x40;
const CLOSE_ON_EXEC = 0x40000000;

const POLLIN = 1;

/** Bounds of one message. */
const MAX_TEXT_BYTES = 16 * 1024;
const MAX_DESCRIPTORS = 64;

/** One message: a text, and descriptors that the receiver owns. */
export interface ChannelMessage {
  readonly text: string;
  readonly descriptors: readonly number[];
}

/** A new pair of connected sockets that keep messages apart. The caller owns both descriptors; exec closes them. */
export function openChannelPair(): [number, number] {
  const pair = [-1, -1];
  check("socketpair", socketpair(AF_UNIX, SOCK_SEQPACKET_CLOEXEC, 0, pair));
  const [one = -1, other = -1] = pair;
  return [one, other];
}

/**
 * Passes texts of at most 16 KB and up to 64 descriptors each between two processes (unix(7), SCM_RIGHTS). When either
 * process is gone, however it went, the other is told of it by the end of the channel. Owns its descriptor.
 */
export class DescriptorChannel implements Disposable {
  readonly #fd: number;
  readonly #message = new Message({ payloadBytes: MAX_TEXT_BYTES, controlBytes: 16 + 4 * MAX_DESCRIPTORS });
  #watch: ReadableWatch | undefined;
  #isOpen = true;

  constructor(fd: number) {
    this.#fd = fd;
  }

  /**
   * Sends one message; the descriptors stay the caller's too. It waits while the channel is full, if the channel may wait.
   * @throws KernelError `EPIPE` when the other end is gone, `EAGAIN` when it does not read, `EMSGSIZE`
   */
  send({ text, descriptors = [] }: { text: string; descriptors?: readonly number[] }): void {
    if (!this.#isOpen) throw new KernelError("sendmsg", constants.errno.EPIPE);
    if (Buffer.byteLength(text) > MAX_TEXT_BYTES || descriptors.length > MAX_DESCRIPTORS)
      throw new KernelError("sendmsg", constants.errno.EMSGSIZE);
    const length = this.#message.payload.write(text);
    const rights = Buffer.from(new Int32Array(descriptors).buffer);
    const control = descriptors.length === 0 ? 0 : this.#message.writeControl(SOL_SOCKET, SCM_RIGHTS, rights);
    check("sendmsg", this.#message.send(this.#fd, length, NO_SIGNAL, control));
  }

  /** Waits for the next message; undefined at the end of the channel. For a process that has nothing else to do. */
  receive(): ChannelMessage | undefined {
    const message = this.#receive(0);
    if (message === "none") throw new KernelError("recvmsg", constants.errno.EAGAIN);
    return message;
  }

  /** Waits for the next message, but not for ever; undefined when none came in time, and at the end of the channel. */
  receiveWithin(timeMs: number): ChannelMessage | undefined {
    const deadlineMs = performance.now() + timeMs;
    for (;;) {
      const message = this.#receive(DO_NOT_WAIT);
      if (message !== "none") return message;
      const leftMs = Math.ceil(deadlineMs - performance.now());
      if (leftMs <= 0) return undefined;
      libc.poll([{ fd: this.#fd, events: POLLIN, revents: 0 }], 1, leftMs);
    }
  }

  /** Tells each message on the event loop, and at last, once, that the other end is gone: `onEnd`. */
  listen({ onMessage, onEnd }: { onMessage: (message: ChannelMessage) => void; onEnd: () => void }): void {
    this.#watch = watchReadable(this.#fd, () => {
      while (this.#isOpen) {
        const message = this.#receive(DO_NOT_WAIT);
        if (message === "none") return;
        if (message === undefined) {
          this.close();
          return onEnd();
        }
        onMessage(message);
      }
    });
  }

  /** Lets the process end though the other end is there. */
  unref(): void {
    this.#watch?.unref();
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#watch?.close();
    libc.close(this.#fd);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #receive(flags: number): ChannelMessage | "none" | undefined {
    for (;;) {
      if (!this.#isOpen) return undefined;
      const length = this.#message.receive(this.#fd, flags | CLOSE_ON_EXEC);
      if (length === -1) {
        const error = new KernelError("recvmsg", libc.lastErrno());
        if (error.code === "EINTR") continue;
        if (error.code === "EAGAIN") return "none";
        if (error.code === "ECONNRESET") return undefined;
        throw error;
      }
      // No message is empty: this is the end (unix(7)).
      if (length === 0) return undefined;
      const rights = this.#message.controlData(SOL_SOCKET, SCM_RIGHTS);
      const descriptors: number[] = [];
      for (let at = 0; at + 4 <= (rights?.length ?? 0); at += 4)
        descriptors.push(rights?.readInt32LE(at) ?? -1);
      if (!this.#message.isCut)
        return { text: this.#message.payload.toString("utf8", 0, length), descriptors };
      for (const descriptor of descriptors) libc.close(descriptor);
      throw new KernelError("recvmsg", constants.errno.EMSGSIZE);
    }
  }
}
