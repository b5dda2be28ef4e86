import type { AgentMessage } from "../../protocol/index.ts";
import { anybody, type Reader, type Recording, TellingPace, type Trace } from "../trace/index.ts";

/** How long a tunnel that is full of messages is spared further decisions. */
const BUSY_TUNNEL_MS = 200;

/** Tells one session of decisions. They may be many: what is too much for tunnel or agent is counted and left out. */
export class DecisionTeller {
  readonly #reader: Reader;
  readonly #trace: Trace;
  readonly #tell: (message: AgentMessage) => boolean;
  readonly #isCrowded: () => boolean;
  readonly #pace = new TellingPace();
  #silentUntilMs = 0;
  #untold = 0;

  /** `tell` gives false when the tunnel is full, which `isCrowded` says beforehand. */
  constructor(options: {
    session: string;
    trace: Trace;
    tell: (message: AgentMessage) => boolean;
    isCrowded: () => boolean;
  }) {
    this.#reader = { ...anybody, session: options.session };
    this.#trace = options.trace;
    this.#isCrowded = options.isCrowded;
    this.#tell = options.tell;
  }

  heard(recording: Recording): void {
    const now = performance.now();
    // A carrier that is lost may be so for minutes, in which whatever is told is kept.
    const mayTell = now >= this.#silentUntilMs && !this.#isCrowded() && this.#pace.take(now);
    if (!mayTell || !this.#trace.telling.run(() => this.#tellNow(recording, now))) this.#untold++;
  }

  #tellNow(recording: Recording, now: number): void {
    if (this.#untold > 0) {
      const message = `${this.#untold} decisions were not told: the tunnel or the agent was busy`;
      this.#tell({ type: "notice", level: "warning", code: "trace-incomplete", message });
      this.#untold = 0;
    }
    if (!this.#tell(this.#trace.recordOf(recording, this.#reader)))
      this.#silentUntilMs = now + BUSY_TUNNEL_MS;
  }
}
