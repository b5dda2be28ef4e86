import type { CarrierEvents, Carrier, NotingCarrier } from "./carrier.ts";
import { type Clock, systemClock } from "./clock.ts";
import { TunnelError } from "./errors.ts";
import { GraceTime } from "./grace-time.ts";
import { ReplayBuffer } from "./replay-buffer.ts";
import { SilenceWatch } from "./silence-watch.ts";

/**
 * What may be sent ahead of the peer's acknowledgements. Above what the buffers of both kernels hold of a TCP connection,
 * about, so that it bounds memory and not the pace: on a way of 100 ms it allows 80 MB/s.
 */
const REPLAY_BYTES = 8 * 1024 * 1024;
/**
 * What the peer keeps for us at most before it hears of it. Each acknowledgement wakes a peer that only sends: beside a carrier
 * that keeps nothing, bulk took 1.57 times the CPU with one for each 64 KB (one run), 1.13 to 1.42 with 256 KB (five runs), 0.98 to
 * 1.23 with 1 MB (four); in the three runs that had both, 1.13, 1.42, 1.20 against 0.98, 1.14, 1.01 (2026-11-29, scenario
 * bulk of `npm run bench:tunnel`, least of 15 to 40 interleaved slices on a busy machine).
 */
const ACKNOWLEDGE_BYTES = 1024 * 1024;
const ACKNOWLEDGE_AFTER_MS = 250;
const BEAT_INTERVAL_MS = 3_000;
/** A peer that vanished is noticed after this and at most one interval more, so always within 15 s. */
const SILENCE_TIMEOUT_MS = 10_000;

/** The peer acknowledges: `ack` and the bytes that it has received so far. Also what is said to be heard. */
const ACKNOWLEDGED = "ack ";
/** The peer has ended it all and will not come back. */
const ENDED = "end";
const MAX_NOTE_LENGTH = 32;

export interface ResumableOptions {
  /** Not started yet; owned from here on, and so is every later one. */
  readonly raw: NotingCarrier;
  readonly clock?: Clock;
  readonly replayBytes?: number;
  /** By default 3 s. */
  readonly beatIntervalMs?: number;
  /** Silence after which a raw carrier is given up; by default 10 s. */
  readonly silenceTimeoutMs?: number;
  /** The raw carrier is lost, and `graceMs` begin in which another may come. */
  readonly onDetached?: (error: TunnelError) => void;
  /** Another has come, after so long. */
  readonly onAttached?: (detachedMs: number) => void;
}

/**
 * - `attached`: on a raw carrier.
 * - `detached`: the raw carrier is lost; what is sent is kept.
 * - `closed`: `onClose` was called.
 */
type State =
  | { readonly at: "attached"; readonly raw: NotingCarrier; readonly onSent: () => void }
  | { readonly at: "detached"; readonly sinceMs: number }
  | { readonly at: "closed" };

/**
 * A carrier that outlives the raw carriers it stands on: whoever uses it sees a way that stalls for a while.
 *
 * Both ends count the bytes. What is sent is kept until the peer has acknowledged it, and sent again from where the peer
 * says that it is when it comes back on another raw carrier. How it comes back, and by what right, is the owner's concern;
 * here `reclaim` and `attach` only make sure that no byte is lost, repeated, or taken from two raw carriers.
 *
 * What it holds is bounded by who keeps `bufferedBytes` shallow: when `replayBytes` are not acknowledged, it counts all
 * of them. While it is detached it counts as full, so that what nobody has seen yet stays with those who may withdraw it.
 *
 * It ends with `grace-over` when nobody comes back in time; at once when the peer has closed or destroyed it, or when
 * `graceMs` is 0, as it is in the beginning.
 */
export class ResumableCarrier implements Carrier {
  /** How long a lost raw carrier is waited for; 0 not at all. */
  graceMs = 0;
  readonly #options: ResumableOptions;
  readonly #clock: Clock;
  readonly #replayBytes: number;
  readonly #replay = new ReplayBuffer();
  readonly #silence: SilenceWatch;
  readonly #grace: GraceTime;
  #events: CarrierEvents | undefined;
  #receivedBytes = 0;
  #acknowledgedBytes = 0;
  #cancelAcknowledge: (() => void) | undefined;
  /** Everything was said: the raw carrier is to be closed, or the next one when all is there. */
  #isClosing = false;
  #state: State;

  constructor(options: ResumableOptions) {
    const clock = options.clock ?? systemClock;
    this.#options = options;
    this.#clock = clock;
    this.#replayBytes = options.replayBytes ?? REPLAY_BYTES;
    this.#silence = new SilenceWatch({
      clock,
      intervalMs: options.beatIntervalMs ?? BEAT_INTERVAL_MS,
      timeoutMs: options.silenceTimeoutMs ?? SILENCE_TIMEOUT_MS,
      onBeat: () => this.#acknowledge(),
      onSilent: (silentMs) =>
        this.#lose(new TunnelError("peer-silent", `nothing was heard for ${Math.round(silentMs)} ms`)),
    });
    this.#grace = new GraceTime({
      clock,
      onOver: () =>
        this.#finish(new TunnelError("grace-over", `it did not come back within ${this.graceMs / 1_000} s`)),
    });
    this.#state = this.#on(options.raw);
  }

  get bufferedBytes(): number {
    const { heldBytes } = this.#replay;
    if (this.#state.at !== "attached") return Math.max(heldBytes, this.#replayBytes);
    return heldBytes < this.#replayBytes ? this.#state.raw.bufferedBytes : heldBytes;
  }

  get isDetached(): boolean {
    return this.#state.at === "detached";
  }

  /** All that was received so far: where the peer has to go on. */
  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  start(events: CarrierEvents): void {
    this.#events = events;
    if (this.#state.at === "attached") this.#listen(this.#state.raw);
  }

  send(chunk: Buffer, onSent?: () => void): void {
    if (this.#state.at === "closed" || this.#isClosing) return;
    this.#replay.add(chunk, onSent);
    if (this.#state.at === "attached") this.#state.raw.send(chunk, this.#state.onSent);
  }

  /** While it is detached, it closes when somebody has come back and has it all, or with the grace time. */
  close(): void {
    if (this.#state.at === "closed" || this.#isClosing) return;
    this.#isClosing = true;
    if (this.#state.at === "attached") this.#state.raw.close();
  }

  /** Tells the peer, which then keeps nothing for us. */
  destroy(): void {
    if (this.#state.at === "attached") this.#state.raw.sendNote(ENDED);
    this.#finish(undefined);
  }

  /**
   * A peer wants to go on from `peerReceivedBytes` on another raw carrier: gives up the one that is there, and gives what
   * was received by then, from where the peer goes on. Undefined when it cannot be: nothing changes then.
   */
  reclaim(peerReceivedBytes: number): number | undefined {
    if (this.graceMs === 0 || this.#state.at === "closed" || !this.#replay.covers(peerReceivedBytes))
      return undefined;
    this.#lose(new TunnelError("carrier-lost", "the peer came on another connection"));
    return this.#receivedBytes;
  }

  /**
   * Goes on upon another raw carrier, which is owned from here on, behind `peerReceivedBytes`, as the peer has said.
   * When it is not waited for, it is destroyed; when the peer counts in another way, all of it ends.
   */
  attach(raw: NotingCarrier, peerReceivedBytes: number): void {
    if (this.#state.at !== "detached") return raw.destroy();
    if (!this.#replay.covers(peerReceivedBytes)) {
      raw.destroy();
      return this.#breach(`${peerReceivedBytes} bytes cannot have been received`);
    }
    const { sinceMs } = this.#state;
    this.#grace.stop();
    this.#replay.acknowledge(peerReceivedBytes);
    this.#acknowledgedBytes = this.#receivedBytes; // It was told when it came.
    const attached = this.#on(raw);
    this.#state = attached;
    // Before `start`, which may bring what is answered at once: nothing may overtake.
    this.#replay.replay((bytes) => raw.send(bytes, attached.onSent));
    this.#listen(raw);
    if (this.#isClosing) raw.close();
    this.#options.onAttached?.(this.#clock.now() - sinceMs);
    this.#events?.onDrain();
  }

  #on(raw: NotingCarrier): State & { readonly at: "attached" } {
    const state = {
      at: "attached",
      raw,
      onSent: () => {
        if (this.#state === state) this.#replay.copied();
      },
    } as const;
    return state;
  }

  #listen(raw: NotingCarrier): void {
    // One that was given up may still have something to tell.
    const isCurrent = (): boolean => this.#state.at === "attached" && this.#state.raw === raw;
    this.#silence.start();
    raw.start({
      onData: (chunk) => {
        if (isCurrent()) this.#receive(chunk);
      },
      onDrain: () => {
        if (isCurrent()) this.#events?.onDrain();
      },
      onNote: (note) => {
        if (isCurrent()) this.#read(note);
      },
      onClose: (error) => {
        if (!isCurrent()) return;
        if (error === undefined) this.#finish(undefined);
        else this.#lose(error);
      },
    });
  }

  #receive(chunk: Buffer): void {
    this.#silence.heard();
    this.#receivedBytes += chunk.length;
    if (this.#receivedBytes - this.#acknowledgedBytes >= ACKNOWLEDGE_BYTES) this.#acknowledge();
    else this.#cancelAcknowledge ??= this.#clock.after(ACKNOWLEDGE_AFTER_MS, () => this.#acknowledgeInTime());
    this.#events?.onData(chunk);
  }

  #acknowledgeInTime(): void {
    this.#cancelAcknowledge = undefined;
    if (this.#receivedBytes > this.#acknowledgedBytes) this.#acknowledge();
  }

  #acknowledge(): void {
    if (this.#state.at !== "attached") return;
    this.#acknowledgedBytes = this.#receivedBytes;
    this.#state.raw.sendNote(`${ACKNOWLEDGED}${this.#receivedBytes}`);
  }

  #read(note: string): void {
    this.#silence.heard();
    if (note === ENDED) return this.#finish(new TunnelError("carrier-lost", "the other end has ended it"));
    const receivedBytes = acknowledgedBytes(note);
    if (receivedBytes === undefined || !this.#replay.covers(receivedBytes))
      return this.#breach("a note that this version cannot read");
    const wasHeldUp = this.#replay.heldBytes >= this.#replayBytes;
    this.#replay.acknowledge(receivedBytes);
    if (wasHeldUp && this.#replay.heldBytes < this.#replayBytes) this.#events?.onDrain();
  }

  #breach(what: string): void {
    if (this.#state.at === "attached") this.#state.raw.sendNote(ENDED);
    this.#finish(new TunnelError("protocol-error", what));
  }

  /** The raw carrier is of no use any more. */
  #lose(error: TunnelError): void {
    if (this.#state.at !== "attached") return;
    const isAllSaid = this.#isClosing && this.#replay.heldBytes === 0;
    if (this.graceMs === 0 || isAllSaid) return this.#finish(error);
    const { raw } = this.#state;
    this.#state = { at: "detached", sinceMs: this.#clock.now() };
    this.#rest();
    raw.destroy();
    this.#grace.start(this.graceMs);
    this.#options.onDetached?.(error);
  }

  /** Nothing is heard or said for now. */
  #rest(): void {
    this.#silence.stop();
    this.#cancelAcknowledge?.();
    this.#cancelAcknowledge = undefined;
  }

  /** The one way into `closed`. */
  #finish(error: TunnelError | undefined): void {
    const before = this.#state;
    if (before.at === "closed") return;
    this.#state = { at: "closed" };
    this.#rest();
    this.#grace.stop();
    this.#replay.clear();
    if (before.at === "attached") before.raw.destroy();
    this.#events?.onClose(error);
  }
}

/** What an acknowledgement says; undefined when it is none. */
function acknowledgedBytes(note: string): number | undefined {
  if (note.length > MAX_NOTE_LENGTH || !note.startsWith(ACKNOWLEDGED)) return undefined;
  const digits = note.slice(ACKNOWLEDGED.length);
  const bytes = Number(digits);
  return Number.isSafeInteger(bytes) && String(bytes) === digits ? bytes : undefined;
}
