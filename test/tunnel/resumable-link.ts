import {
  MemoryCarrier,
  type MemoryLinkOptions,
  ResumableCarrier,
  type ResumableOptions,
  type TunnelError,
} from "../../src/tunnel/index.ts";

/** One end of a resumable link: what it has received, and what it was told of its carrier. */
export class End {
  readonly carrier: ResumableCarrier;
  readonly told: string[] = [];
  readonly chunks: Buffer[] = [];
  onData: ((chunk: Buffer) => void) | undefined;
  drains = 0;
  closedBy: TunnelError | undefined;

  constructor(raw: MemoryCarrier, options: Partial<ResumableOptions>) {
    this.carrier = new ResumableCarrier({
      ...options,
      raw,
      onDetached: ({ code }) => this.told.push(`detached ${code}`),
      onAttached: () => this.told.push("attached"),
    });
  }

  /** For a carrier that no tunnel stands on. */
  start(): void {
    this.carrier.start({
      onData: (chunk) => {
        this.chunks.push(chunk);
        this.onData?.(chunk);
      },
      onDrain: () => (this.drains += 1),
      onClose: (error) => {
        this.closedBy = error;
        this.told.push(`closed ${error?.code ?? "on purpose"}`);
      },
    });
  }

  get received(): Buffer {
    return Buffer.concat(this.chunks);
  }
}

/** Two resumable carriers on one link after the other. */
export class ResumableLink {
  readonly client: End;
  readonly agent: End;
  readonly #options: MemoryLinkOptions;
  /** The raw carrier of the client's end. */
  raw: MemoryCarrier;

  constructor(options: Partial<ResumableOptions> & { link?: MemoryLinkOptions; graceMs?: number } = {}) {
    const { link = {}, graceMs = 30_000, ...rest } = options;
    this.#options = link;
    const [client, agent] = MemoryCarrier.pair(link);
    this.raw = client;
    this.client = new End(client, rest);
    this.agent = new End(agent, rest);
    for (const { carrier } of [this.client, this.agent]) carrier.graceMs = graceMs;
  }

  start(): this {
    this.client.start();
    this.agent.start();
    return this;
  }

  /** The client, which knows that its carrier is lost, comes back; the agent need not know yet. */
  rejoin(options: MemoryLinkOptions = this.#options): void {
    const { receivedBytes } = this.client.carrier;
    const peerReceivedBytes = this.agent.carrier.reclaim(receivedBytes);
    if (peerReceivedBytes === undefined) throw new Error("the agent refuses");
    const [client, agent] = MemoryCarrier.pair(options);
    this.raw = client;
    this.agent.carrier.attach(agent, receivedBytes);
    this.client.carrier.attach(client, peerReceivedBytes);
  }
}
