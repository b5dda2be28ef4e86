import { EventEmitter } from "node:events";
import { encodePlain, type HeaderPair, HpackDecoder } from "../../../src/http/index.ts";
import { Incoming, type LocalGate, type LocalSpeech } from "../../../src/client/incoming/index.ts";
import type { StreamReceiver } from "../../../src/client/running/index.ts";
import type { Listener, LocalAddress } from "../../../src/client/process/index.ts";
import {
  decodeClientHead,
  encodeOpening,
  encodeStreamHead,
  type OpeningMeta,
  type ResetCode,
} from "../../../src/protocol/index.ts";
import { MemoryCarrier, type StreamEvents, Tunnel, type TunnelStream } from "../../../src/tunnel/index.ts";

/** A gate that lets everything through, and counts who asks. */
export class OpenGate implements LocalGate {
  looks = 0;

  isStillUp(): boolean {
    return true;
  }

  look(): Promise<Listener> {
    this.looks++;
    return Promise.resolve({ state: "up", owner: undefined });
  }
}

/** One stolen exchange from the agent's side: everything that came back, in order. */
export class StolenExchange implements StreamEvents {
  /** `accepted`, `informational …`, `response …`, `data`, `trailers …`, `end`, `reset …`. */
  readonly events: string[] = [];
  readonly data: Buffer[] = [];
  dataBytes = 0;
  /** Whether data is kept and its credit given back at once; off, the client runs out of credit. */
  reads = true;
  keeps = true;
  stream: TunnelStream | undefined;
  readonly drained = new EventEmitter();
  /** Of `http2`, heads are noted as `name: value` with `|` between. */
  kind: OpeningMeta["kind"] = "http1";
  #unread = 0;
  #wake = Promise.withResolvers<void>();

  onHead(payload: Buffer): void {
    const head = decodeClientHead(payload);
    if (head.kind === "accepted") return this.#note(head.kind);
    const text = this.kind === "http2" ? fieldText(head.bytes) : head.bytes.toString("latin1");
    this.#note(`${head.kind} ${text}`);
  }

  onData(chunk: Buffer): void {
    if (this.keeps) this.data.push(chunk);
    this.dataBytes += chunk.length;
    this.#unread += chunk.length;
    if (this.reads) this.read();
    if (this.events.at(-1) !== "data") this.events.push("data");
    this.#progress();
  }

  onEnd(): void {
    this.#note("end");
  }

  onReset(code: ResetCode, text: string): void {
    this.#note(`reset ${code}: ${text}`);
  }

  onDrain(): void {
    this.drained.emit("drain");
    this.#progress();
  }

  /** Gives the credit of all data so far back. */
  read(): void {
    const bytes = this.#unread;
    this.#unread = 0;
    if (bytes > 0) this.stream?.consumed(bytes);
  }

  get text(): string {
    return Buffer.concat(this.data).toString("latin1");
  }

  get isOver(): boolean {
    return this.events.some((event) => event === "end" || event.startsWith("reset "));
  }

  /** Sends trailers of HTTP/2. */
  trailerFields(pairs: readonly HeaderPair[]): void {
    this.stream?.sendHead(encodeStreamHead("trailers", encodePlain(pairs)));
  }

  trailers(lines: string): void {
    this.stream?.sendHead(encodeStreamHead("trailers", Buffer.from(lines, "latin1")));
  }

  /** Waits until something holds; asked again after each event. */
  async until(holds: (exchange: this) => boolean): Promise<void> {
    while (!holds(this)) await this.#wake.promise;
  }

  async over(): Promise<this> {
    await this.until((exchange) => exchange.isOver);
    return this;
  }

  #note(event: string): void {
    this.events.push(event);
    this.#progress();
  }

  #progress(): void {
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }
}

function fieldText(block: Buffer): string {
  const { fields } = new HpackDecoder({ maxListBytes: 1_000_000, maxTableBytes: 0 }).decode(block);
  return fields.map(({ name, value }) => `${name}: ${value}`).join("|");
}

/** The head of a request of HTTP/2, with these fields behind its pseudo-header fields. */
export function http2Head(
  about: { method?: string; path?: string; authority?: string; fields?: readonly HeaderPair[] } = {},
): Buffer {
  const { method = "GET", path = "/", authority = "shop.example", fields = [] } = about;
  return encodePlain([
    [":method", method],
    [":scheme", "http"],
    [":authority", authority],
    [":path", path],
    ...fields,
  ]);
}

/** Both ends of a session in one process: a real tunnel, the client's deliveries, and an agent that the test plays. */
export class FakeAgent implements AsyncDisposable {
  readonly incoming: Incoming;
  readonly receiver: StreamReceiver;
  readonly #agent: Tunnel;
  readonly #client: Tunnel;
  #requests = 0;

  /** Local addresses that were told to be silent. */
  readonly silences: LocalAddress[] = [];

  constructor(options: {
    port: number;
    address?: string;
    gate?: LocalGate;
    mustBeUp?: boolean;
    speech?: Partial<LocalSpeech>;
    /** Takes the streams in place of `Incoming`. */
    receiverFor?: (parts: { incoming: Incoming; open: Tunnel["open"] }) => StreamReceiver;
    /** What the agent does with a stream of the client's; without it there are none. */
    onClientStream?: (stream: TunnelStream, opening: Buffer) => StreamEvents;
  }) {
    const { port, address = "127.0.0.1", gate = new OpenGate(), mustBeUp = false } = options;
    const local: LocalAddress = { address, port };
    this.incoming = new Incoming({
      localOf: (id) => (id === 1 ? local : undefined),
      gate,
      mustBeUp,
      speech: { protocol: "auto", tls: null, ...options.speech },
      onSilence: (silent) => this.silences.push(silent),
    });
    const [clientCarrier, agentCarrier] = MemoryCarrier.pair();
    const ignore = (): void => undefined;
    this.#client = new Tunnel({
      carrier: clientCarrier,
      role: "client",
      events: {
        onMessage: ignore,
        onClose: ignore,
        onStream: (stream, opening) => this.receiver.open(stream, opening),
      },
    });
    this.#agent = new Tunnel({
      carrier: agentCarrier,
      role: "agent",
      events: { onMessage: ignore, onClose: ignore, onStream: options.onClientStream ?? (() => undefined) },
    });
    const open: Tunnel["open"] = (opening, events) => this.#client.open(opening, events);
    this.receiver = options.receiverFor?.({ incoming: this.incoming, open }) ?? this.incoming;
  }

  /** Opens a stolen exchange with this head; its content and END are the test's. */
  steal(head: string | Buffer, meta: Partial<OpeningMeta> = {}): StolenExchange {
    const exchange = new StolenExchange();
    exchange.kind = meta.kind ?? "http1";
    const bytes = typeof head === "string" ? Buffer.from(head, "latin1") : head;
    exchange.stream = this.#agent.open(encodeOpening({ ...this.#meta(), ...meta }, bytes), exchange);
    return exchange;
  }

  /** Opens a whole request, head and content in these pieces; the caller keeps its connection open. */
  request(head: string, options: { content?: readonly string[]; connection?: number } = {}): StolenExchange {
    const { content = [], connection } = options;
    const exchange = this.steal(head, connection === undefined ? {} : { connection });
    for (const piece of content) exchange.stream?.write(Buffer.from(piece, "latin1"));
    if (/\r\ntransfer-encoding: chunked\r\n/i.test(head)) exchange.trailers("");
    return exchange;
  }

  /** Opens a whole request of HTTP/2, END included; without content END_STREAM comes with the head. */
  request2(
    about: NonNullable<Parameters<typeof http2Head>[0]> & {
      content?: readonly (string | Buffer)[];
      trailers?: readonly HeaderPair[];
      connection?: number;
      tls?: OpeningMeta["tls"];
    } = {},
  ): StolenExchange {
    const { content, trailers, connection, tls = null } = about;
    const exchange = this.steal(http2Head(about), {
      kind: "http2",
      endsWithHead: content === undefined && trailers === undefined,
      tls,
      ...(connection === undefined ? {} : { connection }),
    });
    for (const piece of content ?? []) exchange.stream?.write(Buffer.from(piece));
    if (trailers !== undefined) exchange.trailerFields(trailers);
    exchange.stream?.end();
    return exchange;
  }

  /** Ends the tunnel as a killed agent would. */
  kill(): void {
    this.#agent.destroy();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.receiver.close();
    this.incoming.close();
    this.#client.destroy();
    this.#agent.destroy();
    return Promise.resolve();
  }

  #meta(): OpeningMeta {
    const requestId = String(++this.#requests);
    return {
      copy: "none",
      kind: "http1",
      endsWithHead: false,
      subscription: 1,
      requestId,
      port: 80,
      peer: { address: "10.0.0.9", port: 40_000 },
      original: { address: "10.0.0.1", port: 80 },
      connection: this.#requests,
      tls: null,
    };
  }
}
