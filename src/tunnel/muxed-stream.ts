import {
  checkPayloadLength,
  FrameType,
  MAX_HEAD_BYTES_PER_DIRECTION,
  MAX_HEADS_PER_DIRECTION,
  type ResetCode,
} from "../protocol/index.ts";
import { TunnelError } from "./errors.ts";
import { type Pace, ReceiveWindow, SendCredit, type WindowLimits } from "./flow-control.ts";
import type { FrameBatch } from "./frame-batch.ts";
import { HeadCount } from "./head-count.ts";
import type { Scheduled } from "./scheduler.ts";
import { SendQueue } from "./send-queue.ts";
import type { Indexed } from "./stream-index.ts";
import type { StreamHost } from "./stream-host.ts";
import {
  isOver,
  mayReceive,
  nextState,
  OPEN,
  RECEIVE_END,
  SEND_END,
  type StreamState,
} from "./stream-state.ts";
import {
  CROWDED_STREAM_QUEUE_BYTES,
  MAX_STREAM_QUEUE_BYTES,
  STREAM_QUEUE_BYTES,
  type StreamEvents,
  type TunnelStream,
} from "./tunnel-stream.ts";

/** The tunnel's side of a stream: what the owner sees is `TunnelStream`, the rest is called by the tunnel. */
export class MuxedStream implements TunnelStream, Scheduled, Indexed {
  readonly id: number;
  nextInLine: Scheduled | undefined;
  isInLine = false;
  nextInBucket: Indexed | undefined;
  /** Whether the tunnel has noted that credit is owed; kept by the tunnel. */
  isCreditNoted = false;
  /** Whether the peer knows the stream. */
  isAnnounced: boolean;
  events: StreamEvents | undefined;
  readonly #host: StreamHost<MuxedStream>;
  readonly #queue: SendQueue;
  readonly #credit = new SendCredit();
  readonly #window: ReceiveWindow;
  readonly #heads = new HeadCount({
    maxHeads: MAX_HEADS_PER_DIRECTION,
    maxBytes: MAX_HEAD_BYTES_PER_DIRECTION,
  });
  #state: StreamState = OPEN;
  #isDrainAwaited = false;

  constructor(options: {
    id: number;
    host: StreamHost<MuxedStream>;
    isAnnounced: boolean;
    window: WindowLimits;
  }) {
    this.id = options.id;
    this.isAnnounced = options.isAnnounced;
    this.#host = options.host;
    this.#queue = new SendQueue(options.host.blocks);
    this.#window = new ReceiveWindow(options.window);
  }

  get state(): StreamState {
    return this.#state;
  }

  get writableBytes(): number {
    return isOver(this.#state) ? 0 : Math.max(0, this.#queueBytes - this.#queue.dataBytes);
  }

  get isCrowded(): boolean {
    return this.#host.queued.isCrowded;
  }

  /** What may wait. */
  get #queueBytes(): number {
    return this.#host.queued.isCrowded ? CROWDED_STREAM_QUEUE_BYTES : STREAM_QUEUE_BYTES;
  }

  get queuedBytes(): number {
    return this.#queue.bytes;
  }

  get unreadBytes(): number {
    return this.#window.unreadBytes;
  }

  get isReady(): boolean {
    return this.#queue.isReady(this.#credit);
  }

  /** Puts the opening first into the queue; for the side that opens. */
  open(opening: Uint8Array): void {
    this.#queue.addHead(FrameType.open, opening);
    this.#host.schedule(this);
  }

  /** Announces a window that is larger than the initial one; called once, when the peer knows the stream. */
  announceWindow(): void {
    if (this.#window.isGrantDue) this.#host.oweCredit(this);
  }

  sendHead(payload: Uint8Array): void {
    checkPayloadLength(FrameType.head, payload.length);
    if (isOver(this.#state)) return;
    this.#refuseAfterEnd();
    if (!this.#heads.countSent(payload.length))
      return this.#fail("flow-control", "more heads than a stream may carry");
    this.#queue.addHead(FrameType.head, payload);
    this.#host.schedule(this);
  }

  write(chunk: Uint8Array): boolean {
    return this.#add(chunk, false);
  }

  copy(bytes: Uint8Array): boolean {
    return this.#add(bytes, true);
  }

  end(): void {
    if (isOver(this.#state) || this.#queue.isEnded) return;
    this.#queue.addEnd();
    if (this.isReady) this.#host.schedule(this);
  }

  reset(code: ResetCode, text = ""): void {
    if (!this.#move({ move: "reset", by: "us", code })) return;
    this.#clearQueue();
    this.#host.announceReset(this, code, text);
    this.#host.forget(this);
  }

  consumed(bytes: number): void {
    if (isOver(this.#state)) return;
    if (!this.#window.consume(bytes))
      throw new TunnelError(
        "credit-misused",
        `${bytes} bytes consumed, ${this.#window.unreadBytes} were unread`,
      );
    this.#host.countUnread(-bytes);
    if (mayReceive(this.#state) && this.#window.isGrantDue) this.#host.oweCredit(this);
  }

  /** The credit to announce now; 0 when the peer needs none any more. */
  takeGrant(pace: Pace): number {
    return mayReceive(this.#state) ? this.#window.takeGrant(pace) : 0;
  }

  /** Puts one frame into the batch, if one may go. */
  takeTurn(batch: FrameBatch): void {
    const before = this.#queue.dataBytes;
    const sent = this.#queue.takeTurn(this.id, this.#credit, batch);
    if (sent === FrameType.data) {
      this.#host.queued.count(this.#queue.dataBytes - before);
      if (this.#isDrainAwaited && this.#queue.dataBytes * 2 <= this.#queueBytes) this.#drain();
    } else if (sent === FrameType.open) {
      this.isAnnounced = true;
      this.announceWindow(); // Not before: credit overtakes, and the peer would not know the stream.
    } else if (sent === FrameType.end) {
      this.#move(SEND_END);
      if (isOver(this.#state)) this.#host.forget(this);
    }
  }

  receiveHead(payload: Buffer): void {
    if (!mayReceive(this.#state)) return this.#fail("protocol-error", "HEAD after END");
    if (!this.#heads.countReceived(payload.length)) return this.#fail("flow-control", "too many heads");
    try {
      this.events?.onHead(payload);
    } catch (error) {
      this.#ownerFailed(error);
    }
  }

  receiveData(payload: Buffer): void {
    if (!mayReceive(this.#state)) return this.#fail("protocol-error", "DATA after END");
    if (!this.#window.receive(payload.length)) return this.#fail("flow-control", "DATA without credit");
    if (!this.#host.countUnread(payload.length))
      return this.#fail("flow-control", "too much is unread in the session");
    try {
      this.events?.onData(payload);
    } catch (error) {
      this.#ownerFailed(error);
    }
  }

  receiveEnd(): void {
    if (!this.#move(RECEIVE_END)) return this.#fail("protocol-error", "END after END");
    if (isOver(this.#state)) this.#host.forget(this);
    try {
      this.events?.onEnd();
    } catch (error) {
      this.#ownerFailed(error);
    }
  }

  receiveCredit(bytes: number): void {
    if (!this.#credit.grant(bytes)) return this.#fail("flow-control", "more credit than can be counted");
    if (this.isReady) this.#host.schedule(this);
  }

  /** The stream is over by the peer's RESET, or because it never came to be or the tunnel is lost. */
  lose(code: ResetCode, text: string): void {
    if (!this.#move({ move: "reset", by: "peer", code })) return;
    this.#clearQueue();
    this.#host.forget(this);
    this.#tellReset(code, text);
  }

  /** The one place where the state changes. False when the rules have no such move. */
  #move(step: Parameters<typeof nextState>[1]): boolean {
    const next = nextState(this.#state, step);
    if (next === undefined) return false;
    this.#state = next;
    return true;
  }

  #add(chunk: Uint8Array, isLent: boolean): boolean {
    if (isOver(this.#state)) return true;
    this.#refuseAfterEnd();
    if (this.#queue.dataBytes >= MAX_STREAM_QUEUE_BYTES) {
      this.#fail("flow-control", "the writer did not wait for room");
      return true;
    }
    if (chunk.length > 0) {
      this.#host.queued.count(chunk.length);
      if (isLent) this.#queue.addCopy(chunk);
      else this.#queue.addData(chunk);
      if (this.isReady) this.#host.schedule(this);
    }
    // Until room was told, whoever was told to wait is waiting.
    this.#isDrainAwaited ||= this.#queue.dataBytes >= this.#queueBytes;
    return !this.#isDrainAwaited;
  }

  #clearQueue(): void {
    this.#host.queued.count(-this.#queue.dataBytes);
    this.#queue.clear();
  }

  #refuseAfterEnd(): void {
    if (this.#queue.isEnded) throw new TunnelError("stream-ended", "the stream was written to after its end");
  }

  /** Resets without having been asked: the owner is told as well. */
  #fail(code: ResetCode, text: string): void {
    if (isOver(this.#state)) return;
    this.reset(code, text);
    this.#tellReset(code, text);
  }

  #tellReset(code: ResetCode, text: string): void {
    try {
      this.events?.onReset(code, text);
    } catch (error) {
      this.#host.reportFault(error);
    }
  }

  #drain(): void {
    this.#isDrainAwaited = false;
    try {
      this.events?.onDrain();
    } catch (error) {
      this.#ownerFailed(error);
    }
  }

  /** A fault in one owner's callback costs that stream only. */
  #ownerFailed(error: unknown): void {
    this.reset("internal", "a fault in the stream's owner");
    this.#host.reportFault(error);
  }
}
