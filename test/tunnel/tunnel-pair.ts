import type { ResetCode } from "../../src/protocol/index.ts";
import {
  type Carrier,
  MemoryCarrier,
  type MemoryLinkOptions,
  type StreamEvents,
  Tunnel,
  type TunnelError,
  type TunnelOptions,
  type TunnelStream,
} from "../../src/tunnel/index.ts";

/** What one stream was told, in order, and a way to wait for more. */
export class Record implements StreamEvents {
  readonly told: string[] = [];
  readonly chunks: Buffer[] = [];
  bytes = 0;
  stream: TunnelStream | undefined;
  readonly #isReader: boolean;
  #waiting: { until: (record: Record) => boolean; resolve: () => void }[] = [];

  /** A reader consumes what it is given. */
  constructor(isReader: boolean) {
    this.#isReader = isReader;
  }

  onHead(payload: Buffer): void {
    this.#tell(`head ${payload.toString()}`);
  }
  onData(chunk: Buffer): void {
    this.bytes += chunk.length;
    this.chunks.push(chunk);
    if (this.#isReader) this.stream?.consumed(chunk.length);
    this.#tell("data");
  }
  onEnd(): void {
    this.#tell("end");
  }
  onReset(code: ResetCode): void {
    this.#tell(`reset ${code}`);
  }
  onDrain(): void {
    this.#tell("drain");
  }

  /** Settles as soon as it holds. */
  until(holds: (record: Record) => boolean): Promise<void> {
    if (holds(this)) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ until: holds, resolve }));
  }

  untilTold(what: string): Promise<void> {
    return this.until(({ told }) => told.includes(what));
  }

  #tell(what: string): void {
    if (what !== "data" || this.told.at(-1) !== "data") this.told.push(what);
    for (const waiting of this.#waiting.filter(({ until }) => until(this))) waiting.resolve();
    this.#waiting = this.#waiting.filter(({ until }) => !until(this));
  }
}

/** Two tunnels on one link: the client opens, the agent records, and what both ends were told. */
export class TunnelPair implements AsyncDisposable {
  readonly client: Tunnel;
  readonly agent: Tunnel;
  readonly accepted: Record[] = [];
  readonly openings: string[] = [];
  readonly messages: string[] = [];
  readonly faults: unknown[] = [];
  readonly clientClosed = Promise.withResolvers<TunnelError | undefined>();
  readonly agentClosed = Promise.withResolvers<TunnelError | undefined>();
  /** Whether streams are taken, and whether their readers consume. */
  accepts: "reader" | "idler" | "nobody" = "reader";

  constructor(carriers: { client: Carrier; agent: Carrier }, options: Partial<TunnelOptions> = {}) {
    this.client = new Tunnel({
      ...options,
      carrier: carriers.client,
      role: "client",
      events: {
        onMessage() {},
        onStream: () => undefined,
        onClose: (error) => this.clientClosed.resolve(error),
      },
    });
    this.agent = new Tunnel({
      ...options,
      carrier: carriers.agent,
      role: "agent",
      events: {
        onMessage: (payload) => this.messages.push(payload.toString()),
        onStream: (stream, opening) => this.#accept(stream, opening),
        onClose: (error) => this.agentClosed.resolve(error),
        onFault: (error) => this.faults.push(error),
      },
    });
  }

  static inMemory(options: Partial<TunnelOptions> & { link?: MemoryLinkOptions } = {}) {
    const [client, agent] = MemoryCarrier.pair(options.link);
    return { pair: new TunnelPair({ client, agent }, options), clientEnd: client, agentEnd: agent };
  }

  open(opening = "opening", isReader = true): { stream: TunnelStream; record: Record } {
    const record = new Record(isReader);
    const stream = this.client.open(Buffer.from(opening), record);
    record.stream = stream;
    return { stream, record };
  }

  /** The agent's side of the stream that was opened as number `index`. */
  async acceptedAt(index: number): Promise<Record & { stream: TunnelStream }> {
    for (;;) {
      const record = this.accepted[index];
      if (record?.stream !== undefined) return record as Record & { stream: TunnelStream };
      await turn();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.client.destroy();
    this.agent.destroy();
  }

  #accept(stream: TunnelStream, opening: Buffer): StreamEvents | undefined {
    this.openings.push(opening.toString());
    if (this.accepts === "nobody") return undefined;
    const record = new Record(this.accepts === "reader");
    record.stream = stream;
    this.accepted.push(record);
    return record;
  }
}

/** One turn of the event loop. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** So many turns that everything that can move in memory has moved. */
export async function settle(): Promise<void> {
  for (let count = 0; count < 200; count++) await turn();
}
