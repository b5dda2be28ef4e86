import { PING_BYTES } from "../protocol/index.ts";
import type { Clock } from "./clock.ts";

/**
 * Pings that follow each other at once. The first ones run through cold code, and on a busy machine any one may wait
 * for the processor: it takes several to learn how long the way itself is.
 */
const FIRST_PINGS = 20;

/** How far the peer is, by a ping every `intervalMs`. Whether it lives is judged by the carrier. */
export class RoundTrip {
  readonly #options: RoundTripOptions;
  #waiting: { readonly payload: Buffer; readonly sentAtMs: number } | undefined;
  #count = 0;
  #cancel: (() => void) | undefined;
  #lastMs: number | undefined;
  #bestMs: number | undefined;

  constructor(options: RoundTripOptions) {
    this.#options = options;
  }

  /** The last one measured; undefined before the first. */
  get lastMs(): number | undefined {
    return this.#lastMs;
  }

  /** The shortest one measured: the way itself, without what queued on it. */
  get bestMs(): number | undefined {
    return this.#bestMs;
  }

  /** Begins, with a first ping at once. */
  start(): void {
    this.#ping();
    this.#pingLater();
  }

  /** A pong arrived; one that answers no ping of ours is ignored. */
  pong(payload: Buffer): void {
    if (this.#waiting === undefined || !this.#waiting.payload.equals(payload)) return;
    const roundTripMs = this.#options.clock.now() - this.#waiting.sentAtMs;
    this.#waiting = undefined;
    this.#lastMs = roundTripMs;
    this.#bestMs = Math.min(this.#bestMs ?? roundTripMs, roundTripMs);
    if (this.#count < FIRST_PINGS) this.#ping();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #pingLater(): void {
    this.#cancel = this.#options.clock.after(this.#options.intervalMs, () => {
      this.#ping();
      this.#pingLater();
    });
  }

  #ping(): void {
    if (this.#waiting !== undefined) return; // One at a time: a peer that does not read is not buried in pings.
    const payload = Buffer.alloc(PING_BYTES);
    payload.writeUInt32BE(++this.#count >>> 0, 4);
    this.#waiting = { payload, sentAtMs: this.#options.clock.now() };
    this.#options.sendPing(payload);
  }
}

export interface RoundTripOptions {
  readonly clock: Clock;
  readonly intervalMs: number;
  readonly sendPing: (payload: Buffer) => void;
}
