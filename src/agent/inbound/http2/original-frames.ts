import {
  type DataPiece,
  type Frame,
  FrameDecoder,
  FrameFlag,
  type FrameSink,
  FrameType,
  type HeaderBlock,
  HeaderBlockAssembler,
  Http2Error,
  type InjectionLedger,
  readGoaway,
  SettingId,
  type SizeUpdateDebt,
} from "../../../http/index.ts";
import type { ClientOutput } from "./client-output.ts";
import { HeldFrames } from "./held-frames.ts";
import type { SettingsInFlight } from "./settings-in-flight.ts";
import type { StreamTable } from "./stream-table.ts";
import { UntouchedBytes } from "./untouched-bytes.ts";

/** Answers may be larger than what a filter reads; they are only passed on. */
const MAX_BLOCK_BYTES = 1024 * 1024;
const MAX_CONTINUATIONS = 256;
/** A frame that a read cut is sent when it is whole, up to this size, while stolen streams want to be served as well. */
const MAX_GATHERED_BYTES = 64 * 1024;

/** What an app's frames bring to light. */
export interface OriginalFrameEvents {
  onSettings(): void;
  /** The client's settings hold from now on. */
  onSettingsAck(): void;
  /** Gives the frame that the client is to get. */
  onGoaway(goaway: { lastStreamId: number; code: number; debugData: Buffer }, frame: Buffer): Buffer;
}

/**
 * Reads what the original sends and passes it on as it came, counting what it uses of the client's window. Once streams
 * are stolen it goes frame by frame, so that others fit in between.
 */
export class OriginalFrames implements FrameSink {
  readonly held: HeldFrames;
  readonly #events: OriginalFrameEvents;
  readonly #table: StreamTable;
  readonly #ledger: InjectionLedger;
  readonly #debt: SizeUpdateDebt;
  readonly #output: ClientOutput;
  readonly #clientSettings: SettingsInFlight;
  readonly #serverSettings: SettingsInFlight;
  readonly #decoder = new FrameDecoder(this);
  readonly #assembler = new HeaderBlockAssembler({
    maxBlockBytes: MAX_BLOCK_BYTES,
    maxContinuations: MAX_CONTINUATIONS,
  });
  #untouched: UntouchedBytes | undefined;
  #isHolding = false;
  /** The frame of DATA that is being gathered. */
  #cut: Buffer[] | undefined;
  #cutBytes = 0;

  constructor(options: {
    events: OriginalFrameEvents;
    table: StreamTable;
    ledger: InjectionLedger;
    debt: SizeUpdateDebt;
    output: ClientOutput;
    clientSettings: SettingsInFlight;
    serverSettings: SettingsInFlight;
  }) {
    this.#events = options.events;
    this.#table = options.table;
    this.#ledger = options.ledger;
    this.#debt = options.debt;
    this.#output = options.output;
    this.#clientSettings = options.clientSettings;
    this.#serverSettings = options.serverSettings;
    const { output } = options;
    this.#untouched = new UntouchedBytes((bytes, from, to) => {
      output.pass(bytes, from, to);
      output.flush();
    });
    this.held = new HeldFrames(options.ledger, {
      data: (bytes) => output.pass(bytes, 0, bytes.length),
      block: (block) => this.#passBlock(block),
      control: (frame) => this.#passControl(frame),
    });
  }

  /** Takes a chunk, valid during the call only. @throws Http2Error */
  push(chunk: Buffer): void {
    this.#untouched?.begin(chunk);
    this.#decoder.push(chunk);
    this.#untouched?.end();
    this.#output.flush();
  }

  /** Gives what was not passed on, for whoever passes this connection unread. */
  takeHeld(): Buffer {
    return this.#untouched?.take() ?? Buffer.alloc(0);
  }

  touch(): void {
    this.#untouched?.flush();
    this.#untouched?.drop();
    this.#untouched = undefined;
  }

  /** The client has named the largest frame it takes. */
  allowFrames(): void {
    this.#decoder.allowFrames(this.#clientSettings.latest.maxFrameBytes);
  }

  stop(): void {
    this.#decoder.stop();
  }

  onFrame(frame: Frame): void {
    this.#untouched?.read(frame.end - frame.start);
    this.#refuseStolen(frame.streamId);
    switch (frame.type) {
      case FrameType.headers:
      case FrameType.pushPromise:
      case FrameType.continuation: {
        const block = this.#assembler.add(frame);
        if (block !== undefined) this.#block(block);
        return;
      }
      case FrameType.settings:
        return this.#settings(frame);
      case FrameType.rstStream:
        return this.#reset(frame);
      case FrameType.goaway: {
        const bytes = frame.bytes.subarray(frame.start, frame.end);
        return this.#passAll(this.#events.onGoaway(readGoaway(frame), bytes));
      }
      default:
        this.#pass(frame.bytes, frame.start, frame.end);
    }
  }

  /** Nobody asked the app on that stream: what it says there would end up within a session's answer. */
  #refuseStolen(streamId: number): void {
    if (this.#untouched === undefined && this.#table.isStolen(streamId))
      throw new Http2Error("idle-stream", "the server answers a stream that it was never told of");
  }

  onData(piece: DataPiece): void {
    this.#untouched?.read(piece.end - piece.start);
    this.#refuseStolen(piece.streamId);
    if (piece.isFirst) this.#table.passed(piece.streamId, "bytesOut", piece.payloadBytes);
    if (!this.#table.copied.isEmpty) this.#table.copied.answerData(piece);
    if (piece.isFirst) this.#isHolding = !this.#ledger.pass(piece.payloadBytes);
    if (this.#isHolding) {
      if (this.#untouched !== undefined)
        throw new Http2Error("window-exceeded", "the server sends more than its client allows");
      this.held.holdData(piece);
    } else if (this.#cut !== undefined || this.#isToBeGathered(piece)) this.#gather(piece);
    else {
      this.#pass(piece.bytes, piece.start, piece.end);
      this.#output.inFrame(!piece.isLast);
    }
    if (piece.isLast && (piece.flags & FrameFlag.endStream) !== 0) this.#table.forwardedOver(piece.streamId);
  }

  /** The rest of a cut frame will not come: it was never begun for the client. */
  giveUpCutFrame(): void {
    if (this.#cut === undefined) return;
    this.#cut = undefined;
    this.#ledger.grant(this.#cutBytes);
  }

  /** An app that stops inside a frame would hold up every stolen stream, or take them along when it dies. */
  #isToBeGathered(piece: DataPiece): boolean {
    if (piece.isLast || !piece.isFirst || this.#untouched !== undefined) return false;
    return this.#table.stolen.size > 0 && piece.payloadBytes <= MAX_GATHERED_BYTES;
  }

  #gather(piece: DataPiece): void {
    if (piece.isFirst) this.#cutBytes = piece.payloadBytes;
    const bytes = piece.bytes.subarray(piece.start, piece.end);
    this.#cut ??= [];
    this.#cut.push(piece.isLast ? bytes : Buffer.from(bytes));
    if (!piece.isLast) return;
    for (const part of this.#cut) this.#passAll(part);
    this.#cut = undefined;
  }

  #pass(bytes: Buffer, from: number, to: number): void {
    if (this.#untouched === undefined) this.#output.pass(bytes, from, to);
    else this.#untouched.release();
  }

  #passAll(bytes: Buffer): void {
    this.#pass(bytes, 0, bytes.length);
  }

  #settings(frame: Frame): void {
    const bytes = frame.bytes.subarray(frame.start, frame.end);
    if ((frame.flags & FrameFlag.ack) === 0) {
      if (this.#serverSettings.isFull) throw new Http2Error("flood", "SETTINGS that nobody acknowledges");
      this.#serverSettings.sent(frame);
      this.#passAll(bytes);
      this.#output.begin();
      return this.#events.onSettings();
    }
    // Blocks that wait were made before it: they must not come behind what it changes.
    if (!this.held.isEmpty) return this.held.holdControl(0, bytes);
    this.#passControl(bytes);
  }

  /** An acknowledgement, or a reset that had to wait. */
  #passControl(frame: Buffer): void {
    this.#passAll(frame);
    if (frame[3] !== FrameType.settings) return;
    for (const { id, value } of this.#clientSettings.acknowledge())
      if (id === SettingId.headerTableSize) {
        this.#debt.allowTable(value);
        this.#table.allowAnswersTable(value);
      }
    this.#events.onSettingsAck();
  }

  #reset(frame: Frame): void {
    const { streamId } = frame;
    const bytes = frame.bytes.subarray(frame.start, frame.end);
    this.held.drop(streamId);
    this.#table.forwardedOver(streamId);
    this.#table.copied.over(streamId);
    if (this.held.hasBlock(streamId)) this.held.holdControl(streamId, bytes);
    else this.#passAll(bytes);
  }

  #block(block: HeaderBlock): void {
    if (this.held.isEmpty) this.#passBlock(block);
    else this.held.holdBlock(block);
    this.#table.answer(block);
    if (this.#table.copied.readsAnswers) this.#table.copied.answerBlock(block);
    if (block.endStream) this.#table.forwardedOver(block.streamId);
  }

  #passBlock(block: HeaderBlock): void {
    this.#debt.pass(block.bytes, block.from, block.to);
    if (this.#untouched !== undefined) return this.#untouched.release();
    block.eachFrame((bytes, from, to) => this.#output.pass(bytes, from, to));
  }
}
