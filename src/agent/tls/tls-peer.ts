import type { TLSSocket } from "node:tls";
import type { Peer, PeerOwner } from "../../socket/index.ts";
import { RawPipe } from "./raw-pipe.ts";

/** What was written may take this long to leave when nothing more is read. */
const LEAVE_MS = 2_000;

/** What a handshake comes to; exactly one is called, never before the peer is made. */
export interface HandshakeEvents {
  /** The socket is secure; it reads nothing before `giveTo` and `resume`. */
  onSecure(socket: TLSSocket): void;
  onFailed(error: Error): void;
}

/**
 * Where a TLS connection is.
 *
 * | state         | means                                                             | leaves to           |
 * |---------------|-------------------------------------------------------------------|---------------------|
 * | `handshaking` | `HandshakeEvents` are owed                                        | `open`, `closed`    |
 * | `open`        | bytes both ways; after close_notify of the other side ours only   | `truncated`, `closed` |
 * | `truncated`   | the other side's FIN came without close_notify                    | `closed`            |
 * | `closed`      |                                                                   |                     |
 */
type State = "handshaking" | "open" | "truncated" | "closed";

/**
 * One end of a TLS connection, over a TCP peer that it owns.
 *
 * Node tells the same `end` for close_notify and for FIN without it. So FIN is kept from Node: what has not ended once all
 * bytes before FIN have been read is truncated (RFC 8446 §6.1), and is passed on as such.
 */
export class TlsPeer implements Peer {
  readonly #raw: Peer;
  readonly #pipe: RawPipe;
  readonly #socket: TLSSocket;
  #owner: PeerOwner | undefined;
  #state: State = "handshaking";
  #isFinHere = false;
  #isPaused = true;
  #isOurHalfOver = false;
  #error: Error | undefined;
  #unwritten = 0;
  #onWritten: (() => void) | undefined;

  constructor(options: {
    raw: Peer;
    /** What was read of it already. */
    said?: Buffer;
    /** Makes the socket that does the handshake. */
    socketOn: (pipe: RawPipe) => TLSSocket;
    /** `secure` of a server's socket, `secureConnect` of a client's. */
    secureEvent: "secure" | "secureConnect";
    events: HandshakeEvents;
  }) {
    const { raw, said, events } = options;
    this.#raw = raw;
    this.#pipe = new RawPipe(raw);
    // What fails here fails the socket as well, which tells it.
    this.#pipe.on("error", () => undefined);
    raw.giveTo({
      onBytes: (_raw, bytes, length) => this.#pipe.arrived(bytes.subarray(0, length)),
      onEnd: () => this.#finCame(),
      onDrain: () => this.#pipe.drained(),
      onConnected: () => undefined,
      onClosed: (_raw, error) => this.#rawClosed(error),
    });
    const socket = options.socketOn(this.#pipe);
    this.#socket = socket;
    socket.once(options.secureEvent, () => {
      if (this.#state !== "handshaking") return;
      this.#state = "open";
      events.onSecure(socket);
    });
    socket.on("end", () => this.#ended());
    socket.on("drain", () => this.#owner?.onDrain(this));
    socket.on("error", (error) => (this.#error ??= error));
    socket.on("close", () => {
      const wasHandshaking = this.#state === "handshaking";
      this.#state = "closed";
      if (wasHandshaking) events.onFailed(this.#error ?? new Error("the connection ended"));
      else this.#owner?.onClosed(this, this.#error);
    });
    if (said !== undefined) this.#pipe.arrived(said);
    raw.resume();
  }

  get isEnded(): boolean {
    return this.#socket.readableEnded || this.isTruncated;
  }

  get isTruncated(): boolean {
    return this.#state === "truncated";
  }

  giveTo(owner: PeerOwner): void {
    const isFirst = this.#owner === undefined;
    this.#owner = owner;
    if (!isFirst) return;
    // A listener makes the socket flow: it is paused on purpose until somebody asks.
    this.#socket.pause();
    this.#socket.on("data", (bytes: Buffer) => {
      this.#owner?.onBytes(this, bytes, bytes.length);
      this.#judgeFin();
    });
    if (!this.#isPaused) this.#socket.resume();
  }

  write(bytes: Buffer, from = 0, to = bytes.length): boolean {
    return this.give(Buffer.from(bytes.subarray(from, to)));
  }

  give(bytes: Buffer): boolean {
    if (!this.#socket.writable || this.#isOurHalfOver) return true;
    this.#unwritten++;
    return this.#socket.write(bytes, () => this.#written());
  }

  pause(): void {
    this.#isPaused = true;
    this.#socket.pause();
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    if (this.#owner === undefined) return;
    this.#socket.resume();
    this.#judgeFin();
  }

  end(onSent?: () => void): void {
    if (!this.#socket.writable || this.#isOurHalfOver) {
      if (this.#socket.writableFinished) onSent?.();
      else if (onSent !== undefined) this.#socket.once("finish", onSent);
      return;
    }
    this.#isOurHalfOver = true;
    this.#socket.end(() => {
      onSent?.();
      this.#closeWhenOver();
    });
  }

  cut(): void {
    if (!this.#socket.writable || this.#isOurHalfOver) return;
    this.#isOurHalfOver = true;
    const finish = () => {
      this.#pipe.cut();
      this.#closeWhenOver();
    };
    if (this.#unwritten === 0) finish();
    else this.#onWritten = finish;
  }

  leave(): void {
    this.end();
    if (this.isEnded) return;
    // Read on until our end has left: the other side may take nothing more before it is rid of its own.
    this.giveTo(endOnly(this.#owner));
    this.resume();
    if (this.#socket.writableFinished) return this.destroy();
    const overtime = setTimeout(() => this.destroy(), LEAVE_MS);
    this.#socket.once("close", () => clearTimeout(overtime));
    this.#socket.once("finish", () => this.destroy());
  }

  reset(): void {
    this.#raw.reset();
    this.#socket.destroy();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #written(): void {
    this.#unwritten--;
    if (this.#unwritten > 0) return;
    const onWritten = this.#onWritten;
    this.#onWritten = undefined;
    onWritten?.();
  }

  #ended(): void {
    if (this.#state !== "open") return;
    this.#owner?.onEnd(this);
  }

  #finCame(): void {
    this.#isFinHere = true;
    if (this.#state === "handshaking")
      this.#socket.destroy(new Error("the connection ended within the handshake"));
    else this.#judgeFin();
  }

  /** Looks, once everything that came before FIN has been told, whether close_notify was part of it. */
  #judgeFin(): void {
    if (!this.#isFinHere || this.#state !== "open") return;
    setImmediate(() => {
      const { readableLength, readableEnded } = this.#socket;
      if (this.#state !== "open" || readableEnded || readableLength > 0 || this.#pipe.readableLength > 0)
        return;
      if (this.#isPaused) return;
      this.#state = "truncated";
      this.#owner?.onEnd(this);
      this.#closeWhenOver();
    });
  }

  /** Node closes a socket whose two halves have ended; it does not know of the ones that were cut. */
  #closeWhenOver(): void {
    if (this.isEnded && this.#isOurHalfOver && this.#unwritten === 0) this.#socket.destroy();
  }

  #rawClosed(error: Error | undefined): void {
    this.#pipe.rawGone();
    // What came before may still wait to be read, and the end of it to be judged.
    if (error !== undefined) this.#socket.destroy(error);
    else if (this.#state === "handshaking") this.#socket.destroy();
  }
}

/** Tells an owner that it is closed, and nothing else: what still comes in is not wanted any more. */
function endOnly(owner: PeerOwner | undefined): PeerOwner {
  return {
    onBytes: () => undefined,
    onEnd: () => undefined,
    onDrain: () => undefined,
    onConnected: () => undefined,
    onClosed: (peer, error) => owner?.onClosed(peer, error),
  };
}
