import {
  checkPayloadLength,
  encodeFrame,
  encodeGoaway,
  encodeJson,
  encodeReset,
  FrameType,
  type GoawayCode,
  INITIAL_WINDOW_BYTES,
} from "../protocol/index.ts";
import { BlockPool } from "./block-pool.ts";
import type { Carrier } from "./carrier.ts";
import { type Clock, systemClock } from "./clock.ts";
import { TunnelError } from "./errors.ts";
import type { WindowLimits } from "./flow-control.ts";
import { Inbound } from "./inbound.ts";
import { MuxedStream } from "./muxed-stream.ts";
import { Outbound } from "./outbound.ts";
import { QueueTotal } from "./queue-total.ts";
import { RoundTrip } from "./round-trip.ts";
import type { StreamHost } from "./stream-host.ts";
import { StreamTable } from "./stream-table.ts";
import type { TunnelEvents, TunnelOptions } from "./tunnel-options.ts";
import type { StreamEvents, TunnelStream } from "./tunnel-stream.ts";

const MAX_WINDOW_BYTES = 4 * 1024 * 1024;
const MIN_WINDOW_BYTES = 32 * 1024;
const MAX_UNREAD_BYTES = 256 * 1024 * 1024;
const PING_INTERVAL_MS = 5_000;
/** How long a last word may take before the carrier is cut. */
const LINGER_MS = 1_000;
/** How long `await using` waits for open streams. */
const DISPOSE_DEADLINE_MS = 5_000;

/**
 * - `open`: streams come and go.
 * - `draining`: one end said goaway; open streams go on, new ones are refused.
 * - `closing`: all was said, the carrier is sending the rest.
 * - `closed`: the streams were told and `onClose` was called.
 */
type State =
  | { readonly at: "open" }
  | { readonly at: "draining"; readonly by: "us" | "peer" }
  | { readonly at: "closing" }
  | { readonly at: "closed" };

/**
 * Many streams and control messages over one carrier.
 *
 * Control messages keep their order among themselves and overtake streams; they never wait for credit. Whether the peer
 * still lives is judged by the carrier.
 */
export class Tunnel implements AsyncDisposable {
  readonly #carrier: Carrier;
  readonly #events: TunnelEvents;
  readonly #clock: Clock;
  readonly #window: WindowLimits;
  readonly #maxUnreadBytes: number;
  readonly #streams: StreamTable;
  readonly #outbound: Outbound;
  readonly #inbound: Inbound;
  readonly #roundTrip: RoundTrip;
  readonly #host: StreamHost<MuxedStream>;
  readonly #closed = Promise.withResolvers<void>();
  #unreadBytes = 0;
  #state: State = { at: "open" };

  /** Starts the carrier; events may come from the next turn of the event loop on. */
  constructor(options: TunnelOptions) {
    const windowBytes = Math.max(options.windowBytes ?? INITIAL_WINDOW_BYTES, INITIAL_WINDOW_BYTES);
    const clock = options.clock ?? systemClock;
    this.#carrier = options.carrier;
    this.#events = options.events;
    this.#clock = clock;
    this.#window = {
      windowBytes,
      minWindowBytes: options.windowBytes === undefined ? MIN_WINDOW_BYTES : windowBytes,
      maxWindowBytes: Math.max(options.maxWindowBytes ?? MAX_WINDOW_BYTES, windowBytes),
    };
    this.#maxUnreadBytes = options.maxUnreadBytes ?? MAX_UNREAD_BYTES;
    this.#streams = new StreamTable(options.role);
    this.#host = this.#makeHost();
    this.#outbound = new Outbound({
      carrier: this.#carrier,
      pace: () => ({
        nowMs: clock.now(),
        bestRoundTripMs: this.#roundTrip.bestMs,
        receivedFrames: this.#inbound.streamFrames,
      }),
      onIdle: () => this.#closeWhenDone(),
      onOverflow: () =>
        this.destroy(new TunnelError("control-overflow", "the peer does not read control frames")),
    });
    this.#roundTrip = new RoundTrip({
      clock,
      intervalMs: options.pingIntervalMs ?? PING_INTERVAL_MS,
      sendPing: (payload) => this.#outbound.control(FrameType.ping, 0, payload),
    });
    this.#inbound = new Inbound({
      streams: this.#streams,
      roundTrip: this.#roundTrip,
      outbound: this.#outbound,
      onMessage: (payload) => this.#message(payload),
      onOpen: (streamId, opening) => this.#accept(streamId, opening),
      onGoaway: (code, text) => this.#peerLeaves(code, text),
      onBreach: (error) => this.#fail(new TunnelError("protocol-error", error.message, { cause: error })),
    });
    this.#carrier.start({
      onData: (chunk) => this.#inbound.push(chunk),
      onDrain: () => this.#outbound.flush(),
      onClose: (error) => this.#carrierClosed(error),
    });
    this.#roundTrip.start();
  }

  /** The last round trip measured by ping; undefined before the first. */
  get roundTripMs(): number | undefined {
    return this.#roundTrip.lastMs;
  }

  /** Streams that are not over, of both ends. */
  get streamCount(): number {
    return this.#streams.size;
  }

  /** Whether `sendMessage` would give false. */
  get isCrowded(): boolean {
    return this.#outbound.isCrowded;
  }

  /**
   * Sends a control message; ignored when the tunnel is over. False when many wait: leave out what may be left out. A
   * peer that does not read them is given up with `control-overflow`.
   * @throws ProtocolError `too-large` above `MAX_MESSAGE_BYTES`.
   */
  sendMessage(message: object | Buffer): boolean {
    const payload = Buffer.isBuffer(message) ? message : encodeJson(message);
    return this.#outbound.control(FrameType.message, 0, payload);
  }

  /**
   * Opens a stream; never waits. When no stream can be opened any more, `onReset("refused")` follows in a microtask.
   * @throws ProtocolError `too-large` above `MAX_OPEN_BYTES`.
   */
  open(opening: Uint8Array, events: StreamEvents): TunnelStream {
    checkPayloadLength(FrameType.open, opening.length);
    const id = this.#state.at === "open" ? this.#streams.takeOwnId() : undefined;
    const stream = this.#makeStream(id ?? 0, false);
    stream.events = events;
    if (id === undefined) {
      queueMicrotask(() => stream.lose("refused", "the tunnel opens no more streams"));
      return stream;
    }
    this.#streams.add(stream);
    stream.open(opening);
    return stream;
  }

  /**
   * Refuses new streams on both ends, waits for the open ones, and closes the carrier. Settles when all is over and never
   * rejects: when `signal` aborts before, what is left is destroyed. Safe to call twice.
   */
  async close(options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    const { signal } = options;
    if (signal?.aborted === true) this.destroy();
    if (this.#state.at === "open" || (this.#state.at === "draining" && this.#state.by === "peer")) {
      this.#state = { at: "draining", by: "us" };
      this.#outbound.control(FrameType.goaway, 0, encodeGoaway("closing", ""));
    }
    const abort = (): void => this.destroy();
    signal?.addEventListener("abort", abort, { once: true });
    await this.#closed.promise;
    signal?.removeEventListener("abort", abort);
  }

  /**
   * Ends now: every open stream is told `session-closed`, or `refused` when the peer cannot know it, then `onClose` is
   * called. Safe to call twice.
   */
  destroy(error: TunnelError = new TunnelError("destroyed", "the tunnel was destroyed")): void {
    this.#finish(error, () => this.#carrier.destroy());
  }

  /** Closes, or destroys what is still open after five seconds. */
  async [Symbol.asyncDispose](): Promise<void> {
    const deadline = new AbortController();
    const cancel = this.#clock.after(DISPOSE_DEADLINE_MS, () => deadline.abort());
    await this.close({ signal: deadline.signal });
    cancel();
  }

  #makeStream(id: number, isAnnounced: boolean): MuxedStream {
    return new MuxedStream({ id, host: this.#host, isAnnounced, window: this.#window });
  }

  #makeHost(): StreamHost<MuxedStream> {
    return {
      blocks: new BlockPool(),
      queued: new QueueTotal(),
      schedule: (stream) => this.#outbound.schedule(stream),
      oweCredit: (stream) => this.#outbound.oweCredit(stream),
      announceReset: (stream, code, text) => {
        if (stream.isAnnounced) this.#outbound.control(FrameType.reset, stream.id, encodeReset(code, text));
      },
      forget: (stream) => {
        if (this.#streams.delete(stream)) this.#unreadBytes -= stream.unreadBytes;
        if (this.#streams.size === 0 && this.#state.at === "draining") this.#outbound.flushSoon();
      },
      countUnread: (bytes) => {
        this.#unreadBytes += bytes;
        return this.#unreadBytes <= this.#maxUnreadBytes;
      },
      reportFault: (error) => this.#reportFault(error),
    };
  }

  #accept(streamId: number, opening: Buffer): void {
    const hasRoom = this.#streams.takePeerId(streamId);
    if (!hasRoom || this.#state.at !== "open") {
      this.#outbound.control(
        FrameType.reset,
        streamId,
        encodeReset("refused", hasRoom ? "closing" : "too many streams"),
      );
      return;
    }
    const stream = this.#makeStream(streamId, true);
    this.#streams.add(stream);
    stream.announceWindow();
    try {
      const events = this.#events.onStream(stream, opening);
      if (events === undefined) stream.reset("refused");
      else stream.events = events;
    } catch (error) {
      stream.reset("internal", "a fault in the stream's owner");
      this.#reportFault(error);
    }
  }

  #message(payload: Buffer): void {
    try {
      this.#events.onMessage(payload);
    } catch (error) {
      this.#reportFault(error);
    }
  }

  #reportFault(error: unknown): void {
    if (this.#events.onFault !== undefined) return this.#events.onFault(error);
    queueMicrotask(() => {
      throw error;
    });
  }

  #peerLeaves(code: GoawayCode, text: string): void {
    if (code !== "closing") this.destroy(new TunnelError("peer-closed", `the peer said ${code}: ${text}`));
    else if (this.#state.at === "open") this.#state = { at: "draining", by: "peer" };
  }

  #closeWhenDone(): void {
    if (this.#state.at !== "draining" || this.#state.by !== "us" || this.#streams.size > 0) return;
    this.#state = { at: "closing" };
    this.#carrier.close();
  }

  #carrierClosed(error: TunnelError | undefined): void {
    const isOnPurpose =
      this.#state.at === "closing" || (this.#state.at === "draining" && this.#streams.size === 0);
    const lost = error ?? new TunnelError("carrier-lost", "the carrier was closed without a goaway");
    this.#finish(isOnPurpose ? undefined : lost, () => {});
  }

  /** Ends because the peer broke a rule, and tells it which. */
  #fail(error: TunnelError): void {
    this.#finish(error, () => {
      this.#carrier.send(encodeFrame(FrameType.goaway, 0, encodeGoaway("protocol-error", error.message)));
      this.#carrier.close();
      this.#clock.after(LINGER_MS, () => this.#carrier.destroy());
    });
  }

  /** The one way into `closed`. */
  #finish(error: TunnelError | undefined, endCarrier: () => void): void {
    if (this.#state.at === "closed") return;
    this.#state = { at: "closed" };
    this.#inbound.stop();
    this.#roundTrip.stop();
    this.#outbound.stop();
    // A stream that waits for its OPEN to be sent is unknown to the peer: that nothing was delivered is certain.
    for (const stream of this.#streams.values())
      stream.lose(stream.isAnnounced ? "session-closed" : "refused", error?.message ?? "");
    endCarrier();
    this.#closed.resolve();
    this.#events.onClose(error);
  }
}
