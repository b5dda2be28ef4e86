import { Socket } from "node:net";
import { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import type { LocalAddress } from "../process/index.ts";
import { type TlsRequest, wrapInTls } from "./local-tls.ts";

/** What carries the bytes of a connection; a socket of Node is one. Emits `connect` when bytes may be sent. */
export interface DialledSocket extends Duplex {
  readonly connecting: boolean;
  setTimeout(timeoutMs: number): this;
  ref(): this;
  unref(): this;
  /** Closes when what was written has been taken. */
  destroySoon(): void;
  /** Closes with a reset. */
  resetAndDestroy(): this;
}

/** Who uses a connection at the moment. */
export interface ConnectionUser {
  /** Bytes may be sent; TLS is agreed upon. */
  onConnect(): void;
  onData(chunk: Buffer): void;
  /** The program has said all; it may still read. */
  onEnd(): void;
  /** The connection is gone, once; `error` says how, and is undefined when both ends had simply finished. */
  onClose(error: Error | undefined): void;
}

/**
 * One connection to the developer's program, TCP or TLS.
 *
 * Raw on purpose. undici and node:http write heads of their own: they change the order and case of fields, refuse some
 * that browsers send, and cannot send request trailers, so the program could tell that it is not the pod. Here the head
 * goes out exactly as the caller sent it.
 *
 * It has one user at a time. Nobody's data, or any end while it is nobody's, closes it: with FIN, as a client does that has no
 * more to ask, since many servers take a reset of an idle connection for a failure and say so.
 */
export class LocalConnection {
  readonly #tcp: DialledSocket;
  readonly #tls: TLSSocket | undefined;
  /** Where the program's bytes go through: one of the two above. */
  readonly #socket: DialledSocket;
  #user: ConnectionUser | undefined;
  #onGone: (() => void) | undefined;
  #error: Error | undefined;

  /** Dials at once, unless that was done. The user hears `onConnect`, or `onClose` with the reason. */
  constructor(to: LocalAddress | DialledSocket, user: ConnectionUser, tls?: TlsRequest) {
    this.#user = user;
    this.#tcp = to instanceof Duplex ? to : dialTcp(to);
    this.#tls = tls === undefined ? undefined : wrapInTls(this.#tcp, tls);
    this.#socket = this.#tls ?? this.#tcp;
    this.#socket
      .on(this.#tls === undefined ? "connect" : "secureConnect", () => this.#user?.onConnect())
      .on("data", (chunk: Buffer) => (this.#user === undefined ? this.close() : this.#user.onData(chunk)))
      .on("end", () => (this.#user === undefined ? this.close() : this.#user.onEnd()))
      .on("timeout", () => this.close())
      .on("error", (error) => {
        this.#error = error;
      })
      .on("close", () => this.#closed());
  }

  get isTls(): boolean {
    return this.#tls !== undefined;
  }

  /** What TLS has agreed upon (RFC 7301); null without TLS, or when the program did not choose. */
  get agreedProtocol(): string | null {
    const agreed = this.#tls?.alpnProtocol;
    return typeof agreed === "string" && agreed !== "" ? agreed : null;
  }

  /** True as soon as nothing can be sent any more, which may be before `onClose`. */
  get isClosed(): boolean {
    return this.#socket.destroyed;
  }

  /** Hands the connection to its next user. */
  take(user: ConnectionUser): void {
    this.#user = user;
    this.#onGone = undefined;
    this.#socket.setTimeout(0).ref();
    this.#socket.resume();
  }

  /** Leaves the connection idle: it closes after `idleTimeoutMs` or when the program closes, and then calls `onGone`. */
  rest(options: { idleTimeoutMs: number; onGone: () => void }): void {
    this.#user = undefined;
    this.#onGone = options.onGone;
    this.#socket.setTimeout(options.idleTimeoutMs).unref();
    this.#socket.resume();
  }

  /** Writes in order. `onTaken` is called once, when the kernel has taken the bytes or never will. */
  write(pieces: readonly Buffer[], onTaken?: () => void): void {
    const last = pieces.length - 1;
    if (last < 0) {
      onTaken?.();
      return;
    }
    if (last > 0) this.#socket.cork();
    pieces.forEach((piece, index) => {
      this.#socket.write(piece, index === last && onTaken !== undefined ? () => onTaken() : undefined);
    });
    if (last > 0) this.#socket.uncork();
  }

  /** Gathers what is written in this turn of the event loop, to be given to the kernel at once. */
  gather(): void {
    if (this.#socket.writableCorked > 0) return;
    this.#socket.cork();
    process.nextTick(() => this.#socket.uncork());
  }

  /** Says to the program that nothing more will come; its answer still can. */
  end(): void {
    this.#socket.end();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Lets go without a word to the user: closes when the kernel has taken what was written. */
  close(): void {
    this.#user = undefined;
    this.#socket.destroySoon();
  }

  /** Closes with a reset, which the program notices at once, even while it only writes. Nothing is told to the user. */
  abort(): void {
    this.#user = undefined;
    // A reset under TLS ends Node with a segmentation fault (26.10, inside secureConnect): there it is FIN without
    // close_notify, which the program's TLS tells as a cut connection.
    if (this.#tls !== undefined || this.#tcp.connecting) this.#socket.destroy();
    else this.#tcp.resetAndDestroy();
  }

  #closed(): void {
    const user = this.#user;
    this.#user = undefined;
    this.#onGone?.();
    user?.onClose(this.#error);
  }
}

function dialTcp(local: LocalAddress): DialledSocket {
  // Half-open: a program may close its side early and still read the rest of the request (RFC 9112 §9.6).
  const socket = new Socket({ allowHalfOpen: true });
  return socket.setNoDelay(true).connect({ host: local.address, port: local.port });
}
