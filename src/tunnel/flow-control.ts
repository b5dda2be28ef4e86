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

/** Below this a way is short: half of the smallest window in 5 ms is 3 MB/s at worst, and 100 times that on loopback. */
const SHORT_WAY_MS = 5;
/**
 * What a stream has on a short way when it is alone: with less the ends wake each other for every other frame. With 256 KB a
 * download by `npm run bench:outgoing` had 477 MB/s, with 512 KB 566, with 1 MB 572 (2026-11-30, medians of five runs in
 * turn on a busy machine; 2.3, 1.9 and 2.0 ms CPU/MB).
 */
const ALONE_WINDOW_BYTES = 512 * 1024;

/** Other streams that were heard within this time are likely to be heard again. */
const COMPANY_MS = 1_000;

/** What a window is fitted by. */
export interface Pace {
  readonly nowMs: number;
  /** The way itself, without what queues on it; undefined before it was measured. */
  readonly bestRoundTripMs: number | undefined;
  /** Frames of streams received so far, of all of them. */
  readonly receivedFrames: number;
}

/** Whether the way is known to be short. */
export function isShortWay({ bestRoundTripMs }: Pace): boolean {
  return bestRoundTripMs !== undefined && bestRoundTripMs < SHORT_WAY_MS;
}

/** How far a window may shrink and grow; it begins with `windowBytes`. */
export interface WindowLimits {
  /** At least `INITIAL_WINDOW_BYTES`, which the peer may send unasked. */
  readonly windowBytes: number;
  readonly minWindowBytes: number;
  readonly maxWindowBytes: number;
}

/**
 * What the peer may still send on one stream, and what is owed to it.
 *
 * Credit is owed for bytes that the reader has consumed, never for bytes that merely arrived: an idle reader stops its
 * sender. It is paid once half a window is owed: single payments would double the number of frames, later ones would
 * let the sender run dry.
 *
 * A stream gets as much as its way needs. What is beyond that only waits in queues, where nothing small can overtake;
 * with less the sender waits for credit. Where the edge lies is judged by the round trips in which half a window is
 * consumed: when they are few the window doubles, when they are many it is halved. Beside other streams it is kept at
 * two to four round trips; alone at twice as much, since TCP sends in bursts after a loss. On a short way even the
 * smallest window is fast enough, and a larger one only saves processor time.
 */
export class ReceiveWindow {
  #windowBytes: number;
  readonly #limits: WindowLimits;
  #allowedBytes = INITIAL_WINDOW_BYTES;
  #unreadBytes = 0;
  #owedBytes: number;
  /** DATA frames since the last payment. */
  #frames = 0;
  #paid: { readonly atMs: number; readonly receivedFrames: number } | undefined;
  #companyAtMs = Number.NEGATIVE_INFINITY;

  constructor(limits: WindowLimits) {
    this.#limits = limits;
    this.#windowBytes = limits.windowBytes;
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
    this.#frames += 1;
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

  /** Gives the credit to announce now, and counts it as announced; 0 when the window has shrunk by more than is owed. */
  takeGrant(pace: Pace): number {
    this.#resize(this.#fitting(pace));
    this.#paid = { atMs: pace.nowMs, receivedFrames: pace.receivedFrames };
    this.#frames = 0;
    const grant = Math.max(0, this.#owedBytes);
    this.#owedBytes -= grant;
    this.#allowedBytes += grant;
    return grant;
  }

  /** The window for the pace at which its last half was consumed. */
  #fitting(pace: Pace): number {
    const { nowMs, bestRoundTripMs, receivedFrames } = pace;
    if (bestRoundTripMs === undefined || this.#paid === undefined) return this.#windowBytes;
    if (receivedFrames - this.#paid.receivedFrames > this.#frames) this.#companyAtMs = nowMs;
    const isAlone = nowMs - this.#companyAtMs > COMPANY_MS;
    if (isShortWay(pace)) return isAlone ? ALONE_WINDOW_BYTES : this.#limits.minWindowBytes;
    const roundTrips = (nowMs - this.#paid.atMs) / bestRoundTripMs;
    const few = isAlone ? 2 : 1;
    if (roundTrips < few) return this.#windowBytes * 2;
    if (roundTrips <= 2 * few) return this.#windowBytes;
    return isAlone ? Math.max(this.#windowBytes / 2, INITIAL_WINDOW_BYTES) : this.#windowBytes / 2;
  }

  #resize(windowBytes: number): void {
    const { minWindowBytes, maxWindowBytes } = this.#limits;
    const bounded = Math.max(minWindowBytes, Math.min(windowBytes, maxWindowBytes));
    this.#owedBytes += bounded - this.#windowBytes;
    this.#windowBytes = bounded;
  }
}
