import { createSocket, type Socket } from "node:dgram";
import type { Endpoint } from "../kernel/index.ts";

/** What a {@link DatagramSocket} tells. */
export interface DatagramSocketEvents {
  /** It is there; what was sent before leaves now. */
  onReady(local: Endpoint): void;
  /** It will not be there: nothing follows. */
  onFailed(errno: string): void;
  /** The payload may be kept. */
  onDatagram(payload: Buffer, from: Endpoint): void;
  /** A datagram did not leave, or something came back of it: of whoever is connected also what the way says (udp(7)). */
  onError(errno: string, about: Endpoint): void;
}

/** What may wait to be sent, by which the kernel is slower than we are: more is lost. */
const MAX_UNSENT_BYTES = 256 * 1024;

/**
 * A UDP socket on a free port. Who is connected hears of one peer only, and of errors of the way to it.
 * Its creator closes it.
 */
export class DatagramSocket {
  readonly #socket: Socket;
  readonly #family: 4 | 6;
  readonly #to: Endpoint | null;
  readonly #events: DatagramSocketEvents;
  #state: "opening" | "ready" | "closed" = "opening";
  /** Datagrams that Node has and the kernel not. */
  #underWay = 0;
  #isGone = false;
  /** What was sent before it was ready; its sender bounds it. */
  #early: [payload: Buffer, to: Endpoint][] = [];

  constructor(options: { family: 4 | 6; to: Endpoint | null; events: DatagramSocketEvents }) {
    const { family, to } = options;
    this.#family = family;
    this.#to = to;
    this.#events = options.events;
    this.#socket = createSocket({
      type: family === 4 ? "udp4" : "udp6",
      ipv6Only: family === 6,
      // Addresses only: there is nothing to look up. Later, so that nothing is told before the owner has the socket.
      lookup: (address, _options, callback) => queueMicrotask(() => callback(null, address, family)),
    });
    this.#socket.on("error", (error) => this.#failed(errnoOf(error)));
    this.#socket.on("message", (payload, { address, port }) => {
      if (this.#state === "ready")
        this.#events.onDatagram(payload, { family, address: withoutZone(address), port });
    });
    if (to === null) this.#socket.bind({ port: 0, exclusive: true }, () => this.#ready());
    else this.#connect(to);
  }

  /** Never waits: what the kernel does not take is lost. The payload must not be changed afterwards. */
  send(payload: Buffer, to: Endpoint): void {
    if (this.#state === "opening") this.#early.push([payload, to]);
    else if (this.#state === "ready") this.#send(payload, to);
  }

  /** Nothing is told from here on. What was sent still leaves. Safe to call twice. */
  close(): void {
    if (this.#state === "closed") return;
    const wasReady = this.#state === "ready";
    this.#state = "closed";
    if (wasReady || this.#early.length === 0) this.#closeWhenSent();
  }

  #connect(to: Endpoint): void {
    try {
      // Node tells a failure by the callback, or as an error where there is none.
      this.#socket.connect(to.port, to.address, (error?: Error) => {
        if (error) this.#failed(errnoOf(error));
        else this.#ready();
      });
    } catch (error) {
      // Node refuses port 0, as the kernel does for sending.
      queueMicrotask(() => this.#failed(errnoOf(error)));
    }
  }

  #ready(): void {
    const wasClosed = this.#state === "closed";
    if (!wasClosed) {
      this.#state = "ready";
      const { address, port } = this.#socket.address();
      this.#events.onReady({ family: this.#family, address: withoutZone(address), port });
    }
    for (const [payload, to] of this.#early.splice(0)) this.#send(payload, to);
    if (wasClosed) this.#closeWhenSent();
  }

  /** An error of the socket itself: fatal before it is ready, and of the way to its peer afterwards. */
  #failed(errno: string): void {
    if (this.#state === "ready") {
      if (this.#to !== null) this.#events.onError(errno, this.#to);
      return;
    }
    const wasClosed = this.#state === "closed";
    this.#state = "closed";
    this.#early = [];
    this.#closeWhenSent();
    if (!wasClosed) this.#events.onFailed(errno);
  }

  #closeWhenSent(): void {
    if (this.#underWay > 0 || this.#isGone) return;
    this.#isGone = true;
    this.#socket.close();
  }

  #send(payload: Buffer, to: Endpoint): void {
    if (to.family !== this.#family) return this.#tell("EAFNOSUPPORT", to);
    if (to.port === 0) return this.#tell("EINVAL", to);
    if (this.#socket.getSendQueueSize() > MAX_UNSENT_BYTES) return;
    this.#underWay++;
    const sent = (error: Error | null): void => {
      this.#underWay--;
      if (error !== null) this.#tell(errnoOf(error), to);
      if (this.#state === "closed") this.#closeWhenSent();
    };
    if (this.#to === null) this.#socket.send(payload, to.port, to.address, sent);
    else this.#socket.send(payload, sent);
  }

  #tell(errno: string, about: Endpoint): void {
    if (this.#state === "ready") this.#events.onError(errno, about);
  }
}

/** A zone names an interface of one machine (RFC 4007 §11), and means nothing elsewhere. */
function withoutZone(address: string): string {
  const at = address.indexOf("%");
  return at === -1 ? address : address.slice(0, at);
}

/** Node's own refusals have longer names; what they refuse the kernel calls EINVAL. */
function errnoOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return /^E[A-Z0-9]{1,31}$/.test(code) ? code : "EINVAL";
}
