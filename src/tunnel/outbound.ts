import { FRAME_HEADER_BYTES, FrameType } from "../protocol/index.ts";
import type { Carrier } from "./carrier.ts";
import { isShortWay, type Pace } from "./flow-control.ts";
import { FrameBatch } from "./frame-batch.ts";
import type { MuxedStream } from "./muxed-stream.ts";
import { Scheduler } from "./scheduler.ts";

/**
 * What goes to the carrier at once: more costs the small streams time, less costs everybody messages. With the frame
 * that crosses it, it fits a slab of 64 KB.
 */
const BATCH_BYTES = 48 * 1024;
/** The same on a long way: a message is read when it is whole, and 48 KB are many packets of which one may be lost. */
const LONG_WAY_BATCH_BYTES = 4 * 1024;
/**
 * Streams wait above this. What lies in the carrier cannot be overtaken, so a short queue is what lets a small exchange
 * pass a bulk stream.
 */
const CARRIER_QUEUE_BYTES = 128 * 1024;
/** Control frames are let in up to here, so that they pass streams that wait. */
const CARRIER_CONTROL_BYTES = 192 * 1024;
/** Where `sendMessage` begins to give false, and `isCrowded` holds. */
const CONTROL_QUEUE_BYTES = 256 * 1024;
/** A peer that makes us queue more, by not reading, is given up. */
const MAX_CONTROL_QUEUE_BYTES = 8 * 1024 * 1024;

interface ControlFrame {
  readonly type: FrameType;
  readonly streamId: number;
  readonly payload: Uint8Array;
}

/**
 * Everything on its way out. Control frames first, then one frame of each stream in turn.
 *
 * What is given in one turn of the event loop goes out together at its end, in as few messages as the bounds allow.
 */
export class Outbound {
  readonly #carrier: Carrier;
  readonly #pace: () => Pace;
  readonly #onOverflow: () => void;
  readonly #onIdle: () => void;
  readonly #batch: FrameBatch;
  readonly #line = new Scheduler<MuxedStream>();
  readonly #credit = Buffer.allocUnsafe(4);
  #control: ControlFrame[] = [];
  #controlBytes = 0;
  #creditLine: MuxedStream[] = [];
  readonly #flushNow = (): void => this.flush();
  #state: "idle" | "flush-due" | "flushing" | "stopped" = "idle";

  constructor(options: {
    carrier: Carrier;
    pace: () => Pace;
    /** Nothing waits here any more; the carrier may still hold bytes. */
    onIdle: () => void;
    /** The peer made us queue more control frames than we keep. */
    onOverflow: () => void;
  }) {
    this.#carrier = options.carrier;
    this.#pace = options.pace;
    this.#onOverflow = options.onOverflow;
    this.#onIdle = options.onIdle;
    this.#batch = new FrameBatch((batch, onSent) => this.#carrier.send(batch, onSent));
  }

  /** Whether so many control frames wait that what may be left out should be. */
  get isCrowded(): boolean {
    return this.#controlBytes >= CONTROL_QUEUE_BYTES;
  }

  /** Queues a control frame. False when `CONTROL_QUEUE_BYTES` wait. */
  control(type: FrameType, streamId: number, payload: Uint8Array): boolean {
    if (this.#state === "stopped") return true;
    this.#control.push({ type, streamId, payload });
    this.#controlBytes += FRAME_HEADER_BYTES + payload.length;
    if (this.#controlBytes > MAX_CONTROL_QUEUE_BYTES) this.#onOverflow();
    this.flushSoon();
    return !this.isCrowded;
  }

  oweCredit(stream: MuxedStream): void {
    if (stream.isCreditNoted || this.#state === "stopped") return;
    stream.isCreditNoted = true;
    this.#creditLine.push(stream);
    this.flushSoon();
  }

  schedule(stream: MuxedStream): void {
    if (this.#state === "stopped") return;
    this.#line.add(stream);
    this.flushSoon();
  }

  /** Sends as much as the carrier should hold. */
  flush(): void {
    if (this.#state === "flushing" || this.#state === "stopped") return;
    this.#state = "flushing";
    this.#flushControl();
    const batchBytes = isShortWay(this.#pace()) ? BATCH_BYTES : LONG_WAY_BATCH_BYTES;
    while (!this.#line.isEmpty && this.#carrier.bufferedBytes < CARRIER_QUEUE_BYTES) {
      this.#flushControl(); // A drained writer may have caused some.
      this.#takeTurns(batchBytes);
      this.#batch.flush();
    }
    this.#batch.flush();
    this.#becomeIdle();
  }

  /** Flushes at the end of this turn of the event loop. */
  flushSoon(): void {
    if (this.#state !== "idle") return;
    this.#state = "flush-due";
    // The check phase follows the poll phase: what all sockets gave in this turn leaves in one message.
    setImmediate(this.#flushNow);
  }

  /** Drops what waits; nothing is sent any more. */
  stop(): void {
    this.#state = "stopped";
    this.#control = [];
    this.#creditLine = [];
  }

  #becomeIdle(): void {
    if (this.#state !== "flushing") return; // A callback has stopped us.
    this.#state = "idle";
    if (this.#control.length === 0 && this.#creditLine.length === 0 && this.#line.isEmpty) this.#onIdle();
  }

  #takeTurns(batchBytes: number): void {
    while (this.#batch.bytes < batchBytes) {
      const stream = this.#line.take();
      if (stream === undefined) return;
      stream.takeTurn(this.#batch);
      if (stream.isReady) this.#line.add(stream);
    }
  }

  #flushControl(): void {
    if (this.#carrier.bufferedBytes >= CARRIER_CONTROL_BYTES) return;
    for (const frame of this.#control) this.#batch.add(frame.type, frame.streamId, frame.payload);
    this.#control.length = 0;
    this.#controlBytes = 0;
    if (this.#creditLine.length === 0) return;
    const pace = this.#pace();
    for (const stream of this.#creditLine) {
      stream.isCreditNoted = false;
      const bytes = stream.takeGrant(pace);
      if (bytes === 0) continue;
      this.#credit.writeUInt32BE(bytes, 0);
      this.#batch.add(FrameType.credit, stream.id, this.#credit);
    }
    this.#creditLine.length = 0;
  }
}
