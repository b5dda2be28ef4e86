import type { AgentMessage, DecisionRecord } from "../../protocol/index.ts";

/** How long a tunnel that is full of messages is spared further decisions. */
const BUSY_TUNNEL_MS = 200;

/** Tells one session of decisions. They may be many: what the tunnel does not take at once is counted and left out. */
export class DecisionTeller {
  readonly #session: string;
  readonly #tell: (message: AgentMessage) => boolean;
  readonly #isCrowded: () => boolean;
  #silentUntilMs = 0;
  #untold = 0;

  /** `tell` gives false when the tunnel is full, which `isCrowded` says beforehand. */
  constructor(options: {
    session: string;
    tell: (message: AgentMessage) => boolean;
    isCrowded: () => boolean;
  }) {
    this.#session = options.session;
    this.#tell = options.tell;
    this.#isCrowded = options.isCrowded;
  }

  heard(record: DecisionRecord): void {
    const now = performance.now();
    // A carrier that is lost may be so for minutes, in which whatever is told is kept.
    if (now < this.#silentUntilMs || this.#isCrowded()) {
      this.#untold++;
      return;
    }
    if (this.#untold > 0) {
      const message = `${this.#untold} decisions were not told: the tunnel was busy`;
      this.#tell({ type: "notice", level: "warning", code: "trace-incomplete", message });
      this.#untold = 0;
    }
    // Another session's number would name a subscription of this one.
    const isOurs = record.session === this.#session;
    if (!this.#tell(isOurs ? record : { ...record, subscription: null }))
      this.#silentUntilMs = now + BUSY_TUNNEL_MS;
  }
}
