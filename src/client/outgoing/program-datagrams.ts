import { type Endpoint, formatEndpoint } from "../../kernel/index.ts";
import type { DatagramWay, DatagramWayOptions } from "./datagram-way.ts";
import type { NameServer } from "./name-server.ts";
import type { DatagramEvents, DatagramPort } from "./outgoing.ts";
import type { Way } from "./way.ts";

/** A socket that is connected to one peer after the other keeps the last few: a late answer is of no use any more. */
const MAX_CONNECTED_WAYS = 4;
/** Questions of one socket that the name server is asked at the same time; more are lost. */
const MAX_QUESTIONS = 64;

/**
 * The far end of one UDP socket of the program: a socket for each way and family that it sends by, opened when it first does,
 * and one for each peer that it is connected to.
 */
export class ProgramDatagrams implements DatagramPort {
  readonly #events: DatagramEvents;
  readonly #wayOf: (to: Endpoint) => Way;
  readonly #open: (way: Way, options: DatagramWayOptions) => DatagramWay;
  readonly #nameServer: NameServer | undefined;
  readonly #ways = new Map<string, DatagramWay>();
  /** Keys of `#ways`, the oldest first. */
  readonly #connected: string[] = [];
  #questions = 0;
  #isClosed = false;

  constructor(options: {
    events: DatagramEvents;
    wayOf: (to: Endpoint) => Way;
    open: (way: Way, options: DatagramWayOptions) => DatagramWay;
    nameServer: NameServer | undefined;
  }) {
    this.#events = options.events;
    this.#wayOf = options.wayOf;
    this.#open = options.open;
    this.#nameServer = options.nameServer;
  }

  send(payload: Buffer, to: Endpoint, { connected = false }: { connected?: boolean } = {}): void {
    if (this.#isClosed) return;
    if (this.#nameServer?.isMine(to) === true) return this.#ask(this.#nameServer, payload, to);
    this.#wayFor(to, connected).send(payload, to);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const way of this.#ways.values()) way.close();
    this.#ways.clear();
  }

  #wayFor(to: Endpoint, isConnected: boolean): DatagramWay {
    const name = this.#wayOf(to);
    const key = isConnected ? `${name} ${formatEndpoint(to)}` : `${name} ${to.family}`;
    const known = this.#ways.get(key);
    if (known !== undefined) return known;
    const way = this.#open(name, {
      family: to.family,
      to: isConnected ? to : null,
      onDatagram: (payload, from) => {
        if (!this.#isClosed) this.#events.onDatagram(payload, from);
      },
      onError: (errno, about) => {
        if (!this.#isClosed) this.#events.onError(errno, about);
      },
      onOver: () => {
        if (this.#ways.get(key) === way) this.#ways.delete(key);
      },
    });
    this.#ways.set(key, way);
    if (isConnected) this.#keepFew(key);
    return way;
  }

  #keepFew(key: string): void {
    this.#connected.push(key);
    if (this.#connected.length <= MAX_CONNECTED_WAYS) return;
    const oldest = this.#connected.shift() ?? "";
    if (this.#connected.includes(oldest)) return;
    this.#ways.get(oldest)?.close();
    this.#ways.delete(oldest);
  }

  #ask(nameServer: NameServer, question: Buffer, to: Endpoint): void {
    if (this.#questions >= MAX_QUESTIONS) return;
    this.#questions++;
    nameServer
      .answer(question, "udp", to)
      .then(
        (answer) => {
          if (answer !== undefined && !this.#isClosed) this.#events.onDatagram(answer, to);
        },
        () => undefined, // The resolver asks again, or says that nobody answers: it gets no answer of ours in its place.
      )
      .finally(() => this.#questions--);
  }
}
