import type { CarrierEvents, NotingCarrier } from "./carrier.ts";
import { type Clock, systemClock } from "./clock.ts";
import { TunnelError } from "./errors.ts";

export interface MemoryLinkOptions {
  /** How long a chunk is on its way. By default it arrives in the next turn of the event loop. */
  readonly delayMs?: number;
  /** Cuts what is sent into pieces of at most this size. */
  readonly maxChunkBytes?: number;
  readonly clock?: Clock;
}

/** One end of a link in memory: for tests, and for both ends of a tunnel in one process. */
export class MemoryCarrier implements NotingCarrier {
  readonly #options: MemoryLinkOptions;
  #peer: MemoryCarrier | undefined;
  #events: CarrierEvents | undefined;
  #arrived: (Buffer | string)[] = [];
  #underWay: Buffer[] = [];
  #notes: string[] = [];
  #bufferedBytes = 0;
  #state: "open" | "closing" | "closed" = "open";
  #flow: "flows" | "stalled" | "swallows" = "flows";

  /** Two ends of one link. */
  static pair(options: MemoryLinkOptions = {}): [MemoryCarrier, MemoryCarrier] {
    const one = new MemoryCarrier(options);
    const other = new MemoryCarrier(options);
    one.#peer = other;
    other.#peer = one;
    return [one, other];
  }

  private constructor(options: MemoryLinkOptions) {
    this.#options = options;
  }

  get #other(): MemoryCarrier {
    if (this.#peer === undefined) throw new Error("a memory carrier is only made in pairs");
    return this.#peer;
  }

  get bufferedBytes(): number {
    return this.#bufferedBytes;
  }

  start(events: CarrierEvents): void {
    this.#events = events;
    for (const one of this.#arrived.splice(0)) this.#tell(one);
  }

  send(chunk: Buffer): void {
    if (this.#state !== "open") return;
    this.#bufferedBytes += chunk.length;
    this.#underWay.push(chunk);
    this.#deliverSoon();
  }

  sendNote(note: string): void {
    if (this.#state !== "open") return;
    this.#notes.push(note);
    // Not dropped with the bytes: a last word is heard.
    this.#later(() => this.#deliverNotes());
  }

  close(): void {
    if (this.#state !== "open") return;
    this.#state = "closing";
    this.#deliverSoon();
  }

  destroy(): void {
    this.#end(undefined);
    this.#later(() => this.#other.#end(new TunnelError("carrier-lost", "the other end was destroyed")));
  }

  /** The link breaks: what is under way is lost, and both ends are told so. */
  cut(): void {
    const error = new TunnelError("carrier-lost", "the link was cut");
    this.#end(error);
    this.#other.#end(error);
  }

  /** What is sent from here on stays under way, as in a network that has stopped; `bufferedBytes` grows. */
  stall(): void {
    this.#flow = "stalled";
  }

  /** What is sent from here on is lost without a word, as behind a route that vanished. */
  swallow(): void {
    this.#flow = "swallows";
    this.#deliverSoon();
  }

  /** Delivers again, first what was held up. */
  resume(): void {
    this.#flow = "flows";
    this.#later(() => this.#deliverNotes());
    this.#deliverSoon();
  }

  #deliverSoon(): void {
    this.#later(() => this.#deliver());
  }

  #later(callback: () => void): void {
    const { delayMs, clock = systemClock } = this.#options;
    if (delayMs === undefined) setImmediate(callback);
    else clock.after(delayMs, callback);
  }

  #deliver(): void {
    if (this.#flow === "stalled" || this.#state === "closed") return;
    const chunks = this.#underWay.splice(0);
    this.#bufferedBytes = 0;
    if (this.#flow === "flows") for (const chunk of chunks) this.#other.#receive(chunk);
    if (chunks.length > 0) this.#events?.onDrain();
    if (this.#flow === "flows" && this.#state === "closing" && this.#underWay.length === 0) {
      this.#end(undefined);
      this.#other.#end(undefined);
    }
  }

  #receive(chunk: Buffer): void {
    const { maxChunkBytes = chunk.length } = this.#options;
    for (let at = 0; at < chunk.length; at += maxChunkBytes) {
      this.#take(chunk.subarray(at, at + maxChunkBytes));
    }
  }

  #deliverNotes(): void {
    if (this.#flow === "stalled") return;
    const notes = this.#notes.splice(0);
    if (this.#flow === "flows") for (const note of notes) this.#other.#take(note);
  }

  #take(one: Buffer | string): void {
    if (this.#state === "closed") return;
    if (this.#events === undefined) this.#arrived.push(one);
    else this.#tell(one);
  }

  #tell(one: Buffer | string): void {
    if (typeof one === "string") this.#events?.onNote?.(one);
    else this.#events?.onData(one);
  }

  #end(error: TunnelError | undefined): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#underWay = [];
    this.#bufferedBytes = 0;
    this.#events?.onClose(error);
  }
}
