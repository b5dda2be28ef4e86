import type { DecisionRecord, Json } from "../../protocol/index.ts";

/** Somebody who wants to hear of every decision on a port. */
export interface Listener {
  readonly port: number;
  /** The wire number of the subscription to name in the record when it decided. */
  heard(record: DecisionRecord): void;
}

/** One exchange whose decision is being told; finished once. */
export interface TracedExchange {
  verdict: DecisionRecord["verdict"];
  reason: string;
  explanation: Json;
  subscription: number | null;
  session: string | null;
  failure: string | null;
}

/** What is known of an exchange when it is decided. */
export interface ExchangeFacts {
  readonly port: number;
  readonly peer: string;
  readonly method: string;
  readonly target: string;
  readonly revision: number;
}

const MAX_TARGET_LENGTH = 2048;

/**
 * Tells listeners who got each request and why.
 *
 * Nothing is recorded while nobody listens to a port, so that a bystander's request costs nothing for it.
 */
export class Trace {
  readonly #listeners = new Map<number, Set<Listener>>();
  #lastId = 0;

  /** Numbers of requests, unique in this agent's life. */
  nextRequestId(): string {
    return (++this.#lastId).toString(36);
  }

  listen(listener: Listener): void {
    const listeners = this.#listeners.get(listener.port);
    if (listeners === undefined) this.#listeners.set(listener.port, new Set([listener]));
    else listeners.add(listener);
  }

  unlisten(listener: Listener): void {
    const listeners = this.#listeners.get(listener.port);
    if (listeners?.delete(listener) === true && listeners.size === 0) this.#listeners.delete(listener.port);
  }

  isHeard(port: number): boolean {
    return this.#listeners.has(port);
  }

  /** Begins to follow an exchange, or gives undefined when nobody listens to its port. */
  begin(facts: ExchangeFacts, decided: TracedExchange, requestId?: string): Recording | undefined {
    if (!this.isHeard(facts.port)) return undefined;
    return new Recording(this, requestId ?? this.nextRequestId(), facts, decided);
  }

  /** To be called by {@link Recording} only. */
  tell(record: DecisionRecord): void {
    for (const listener of this.#listeners.get(record.port) ?? []) listener.heard(record);
  }
}

/** An exchange under way that somebody listens to. */
export class Recording {
  readonly #trace: Trace;
  readonly #requestId: string;
  readonly #facts: ExchangeFacts;
  readonly #at = Date.now();
  readonly #startedMs = performance.now();
  readonly decided: TracedExchange;
  #told = false;

  constructor(trace: Trace, requestId: string, facts: ExchangeFacts, decided: TracedExchange) {
    this.#trace = trace;
    this.#requestId = requestId;
    this.#facts = facts;
    this.decided = decided;
  }

  /** Adds what was learnt of it since it was decided. */
  add(note: string): void {
    this.decided.reason += `; ${note}`;
  }

  /** Tells it, once; `status` is null when there was no response to read. */
  finish(status: number | null): void {
    if (this.#told) return;
    this.#told = true;
    const { port, peer, method, target, revision } = this.#facts;
    this.#trace.tell({
      type: "decision",
      requestId: this.#requestId,
      at: this.#at,
      port,
      peer,
      method,
      target: target.slice(0, MAX_TARGET_LENGTH),
      ...this.decided,
      status,
      durationMs: Math.round((performance.now() - this.#startedMs) * 1000) / 1000,
      revision,
    });
  }
}
