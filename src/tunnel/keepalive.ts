import { PING_BYTES } from "../protocol/index.ts";
import type { Clock } from "./clock.ts";

/**
 * Pings that follow each other at once. The first ones run through cold code, and on a busy machine any one may wait
 * for the processor: it takes several to learn how long the way itself is.
 */
const FIRST_PINGS = 20;

/**
 * Whether the peer still lives, and how far it is.
 *
 * TCP may take minutes to notice a peer that vanished without a word (a closed lid, a lost route). So a ping goes out
 * every `intervalMs`, and a peer of whom nothing at all was heard for `timeoutMs` is given up. Any byte counts.
 */
export class Keepalive {
  readonly #options: KeepaliveOptions;
  #heardAtMs: number;
  #checkedAtMs: number;
  #waiting: { readonly payload: Buffer; readonly sentAtMs: number } | undefined;
  #count = 0;
  #cancel: (() => void) | undefined;
  #roundTripMs: number | undefined;
  #bestRoundTripMs: number | undefined;

  constructor(options: KeepaliveOptions) {
    this.#options = options;
    this.#heardAtMs = options.clock.now();
    this.#checkedAtMs = this.#heardAtMs;
  }

  /** The last round trip measured; undefined before the first. */
  get roundTripMs(): number | undefined {
    return this.#roundTripMs;
  }

  /** The shortest round trip measured: the way itself, without what queued on it. */
  get bestRoundTripMs(): number | undefined {
    return this.#bestRoundTripMs;
  }

  /** Begins, with a first ping at once. */
  start(): void {
    this.#ping();
    this.#cancel = this.#options.clock.after(this.#options.intervalMs, () => this.#check());
  }

  /** Something arrived. */
  heard(): void {
    this.#heardAtMs = this.#options.clock.now();
  }

  /** A pong arrived; one that answers no ping of ours is ignored. */
  pong(payload: Buffer): void {
    if (this.#waiting === undefined || !this.#waiting.payload.equals(payload)) return;
    const roundTripMs = this.#options.clock.now() - this.#waiting.sentAtMs;
    this.#waiting = undefined;
    this.#roundTripMs = roundTripMs;
    this.#bestRoundTripMs = Math.min(this.#bestRoundTripMs ?? roundTripMs, roundTripMs);
    if (this.#count < FIRST_PINGS) this.#ping();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #check(): void {
    const { clock, intervalMs, timeoutMs } = this.#options;
    const nowMs = clock.now();
    // A loop that was itself held up (SIGSTOP, a debugger) has not read what lies in its socket: the peer gets another
    // interval before it is judged.
    if (nowMs - this.#checkedAtMs > 2 * intervalMs)
      this.#heardAtMs = Math.max(this.#heardAtMs, nowMs - timeoutMs + intervalMs);
    this.#checkedAtMs = nowMs;
    if (nowMs - this.#heardAtMs >= timeoutMs) {
      this.stop();
      this.#options.onSilent(nowMs - this.#heardAtMs);
      return;
    }
    this.#ping();
    this.#cancel = clock.after(intervalMs, () => this.#check());
  }

  #ping(): void {
    if (this.#waiting !== undefined) return; // One at a time: a peer that does not read is not buried in pings.
    const payload = Buffer.alloc(PING_BYTES);
    payload.writeUInt32BE(++this.#count >>> 0, 4);
    this.#waiting = { payload, sentAtMs: this.#options.clock.now() };
    this.#options.sendPing(payload);
  }
}

export interface KeepaliveOptions {
  readonly clock: Clock;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly sendPing: (payload: Buffer) => void;
  /** The peer is given up; called once. */
  readonly onSilent: (silentMs: number) => void;
}
