import { type Endpoint, formatEndpoint } from "../../kernel/index.ts";
import type { DatagramWay, DatagramWayOptions } from "./datagram-way.ts";
import type { NameServer } from "./name-server.ts";
import type { DatagramEvents, DatagramPort } from "./outgoing.ts";
import type { Where } from "./rules/index.ts";

/** Where a datagram leaves, and whom it reaches there. */
interface DatagramDecision {
  readonly where: Where;
  readonly to: Endpoint;
}

/** A socket that is connected to one peer after the other keeps the last few: a late answer is of no use any more. */
const MAX_CONNECTED_WAYS = 4;
/** Peers that one socket of the program reaches by another address. */
const MAX_NAMED = 64;
/** Questions of one socket that the name server is asked at the same time; more are lost. */
const MAX_QUESTIONS = 64;

/**
 * The far end of one UDP socket of the program: a socket for each way and family that it sends by, opened when it first does,
 * and one for each peer that it is connected to.
 */
export class ProgramDatagrams implements DatagramPort {
  readonly #events: DatagramEvents;
  readonly #decide: (to: Endpoint) => DatagramDecision;
  readonly #open: (where: Where, options: DatagramWayOptions) => DatagramWay;
  readonly #nameServer: NameServer | undefined;
  readonly #ways = new Map<string, DatagramWay>();
  /** Keys of `#ways`, the oldest first. */
  readonly #connected: string[] = [];
  /** What the program calls those whom it reaches by another address, by that one. */
  readonly #named = new Map<string, Endpoint>();
  #questions = 0;
  #isClosed = false;

  constructor(options: {
    events: DatagramEvents;
    decide: (to: Endpoint) => DatagramDecision;
    open: (where: Where, options: DatagramWayOptions) => DatagramWay;
    nameServer: NameServer | undefined;
  }) {
    this.#events = options.events;
    this.#decide = options.decide;
    this.#open = options.open;
    this.#nameServer = options.nameServer;
  }

  send(payload: Buffer, to: Endpoint, { connected = false }: { connected?: boolean } = {}): void {
    if (this.#isClosed) return;
    if (this.#nameServer?.isMine(to) === true) return this.#ask(this.#nameServer, payload, to);
    const decision = this.#decide(to);
    if (decision.where === "absent") return this.#events.onError("ENETUNREACH", to);
    if (decision.to !== to) this.#remember(decision.to, to);
    this.#wayFor(decision, connected).send(payload, decision.to);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const way of this.#ways.values()) way.close();
    this.#ways.clear();
  }

  #wayFor({ where, to }: DatagramDecision, isConnected: boolean): DatagramWay {
    const key = isConnected ? `${where} ${formatEndpoint(to)}` : `${where} ${to.family}`;
    const known = this.#ways.get(key);
    if (known !== undefined) return known;
    const way = this.#open(where, {
      family: to.family,
      to: isConnected ? to : null,
      onDatagram: (payload, from) => {
        if (!this.#isClosed) this.#events.onDatagram(payload, this.#nameOf(from, where));
      },
      onError: (errno, about) => {
        if (!this.#isClosed) this.#events.onError(errno, this.#nameOf(about, where));
      },
      onOver: () => {
        if (this.#ways.get(key) === way) this.#ways.delete(key);
      },
    });
    this.#ways.set(key, way);
    if (isConnected) this.#keepFew(key);
    return way;
  }

  #remember(reached: Endpoint, named: Endpoint): void {
    this.#named.set(formatEndpoint(reached), named);
    if (this.#named.size <= MAX_NAMED) return;
    for (const oldest of this.#named.keys()) return void this.#named.delete(oldest);
  }

  /** Only on this machine is somebody reached by another address. */
  #nameOf(endpoint: Endpoint, where: Where): Endpoint {
    if (where === "remote" || this.#named.size === 0) return endpoint;
    return this.#named.get(formatEndpoint(endpoint)) ?? endpoint;
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
