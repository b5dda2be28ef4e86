import { INITIAL_WINDOW_BYTES, MAX_CREDIT_BYTES } from "../protocol/index.ts";

/** What we may still send on one stream. */
export class SendCredit {
  #bytes = INITIAL_WINDOW_BYTES;

  get bytes(): number {
    return this.#bytes;
  }

  /** Uses credit; `bytes` must not be above what there is. */
  spend(bytes: number): void {
    this.#bytes -= bytes;
  }

  /** Adds what the peer granted. False when the sum breaks `MAX_CREDIT_BYTES` (RFC 9113 §6.9.1). */
  grant(bytes: number): boolean {
    if (this.#bytes + bytes > MAX_CREDIT_BYTES) return false;
    this.#bytes += bytes;
    return true;
  }
}

/** 256 KB in 5 ms are 50 MB/s: no way this short needs more. */
const SHORT_WAY_MS = 5;

/** What time it is, and how long a round trip takes at best: what a growing window is judged by. */
export interface Pace {
  readonly nowMs: number;
  readonly bestRoundTripMs: number | undefined;
}

/**
 * What the peer may still send on one stream, and what is owed to it.
 *
 * Credit is owed for bytes that the reader has consumed, never for bytes that merely arrived: an idle reader stops its
 * sender. It is paid once half a window is owed: single payments would double the number of frames, later ones would
 * let the sender run dry.
 *
 * The window doubles while half of it is consumed in less than one round trip: then the way is longer than the window,
 * and the sender waits for credit in between. On a way shorter than `SHORT_WAY_MS` it never does: there a larger window
 * only fills the kernel's buffers, in which nothing small can overtake.
 */
export class ReceiveWindow {
  #windowBytes: number;
  readonly #maxWindowBytes: number;
  #allowedBytes = INITIAL_WINDOW_BYTES;
  #unreadBytes = 0;
  #owedBytes: number;
  #paidAtMs: number | undefined;

  /** Both at least `INITIAL_WINDOW_BYTES`, which the peer may send unasked. */
  constructor(limits: { readonly windowBytes: number; readonly maxWindowBytes: number }) {
    this.#windowBytes = limits.windowBytes;
    this.#maxWindowBytes = limits.maxWindowBytes;
    this.#owedBytes = limits.windowBytes - INITIAL_WINDOW_BYTES;
  }

  /** Received and not consumed. */
  get unreadBytes(): number {
    return this.#unreadBytes;
  }

  get windowBytes(): number {
    return this.#windowBytes;
  }

  /** Counts what arrived. False when the peer had no credit for it. */
  receive(bytes: number): boolean {
    if (bytes > this.#allowedBytes) return false;
    this.#allowedBytes -= bytes;
    this.#unreadBytes += bytes;
    return true;
  }

  /** Counts what the reader is done with. False when it is more than it was given. */
  consume(bytes: number): boolean {
    if (!(bytes >= 0 && bytes <= this.#unreadBytes)) return false;
    this.#unreadBytes -= bytes;
    this.#owedBytes += bytes;
    return true;
  }

  /** Whether half a window is owed. */
  get isGrantDue(): boolean {
    return this.#owedBytes * 2 >= this.#windowBytes;
  }

  /** Gives the credit to announce now, and counts it as announced. */
  takeGrant(pace: Pace): number {
    const { nowMs, bestRoundTripMs } = pace;
    const isLongWay = bestRoundTripMs !== undefined && bestRoundTripMs >= SHORT_WAY_MS;
    if (isLongWay && this.#paidAtMs !== undefined && nowMs - this.#paidAtMs < bestRoundTripMs) {
      const grown = Math.min(this.#windowBytes * 2, this.#maxWindowBytes);
      this.#owedBytes += grown - this.#windowBytes;
      this.#windowBytes = grown;
    }
    this.#paidAtMs = nowMs;
    const grant = this.#owedBytes;
    this.#owedBytes = 0;
    this.#allowedBytes += grant;
    return grant;
  }
}
