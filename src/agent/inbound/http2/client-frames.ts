import {
  type DataPiece,
  type DecodedBlock,
  FloodGuard,
  type FloodKind,
  type Frame,
  FrameDecoder,
  FrameFlag,
  type FrameSink,
  FrameType,
  CLIENT_PREFACE,
  checkPriority,
  type HeaderBlock,
  HeaderBlockAssembler,
  HpackDecoder,
  Http2Error,
  MAX_CONTINUATIONS,
  MAX_GATHERED_FRAME_BYTES,
  MAX_HEADER_BLOCK_BYTES,
  MAX_HEADER_LIST_BYTES,
  MAX_TABLE_BYTES,
  readPing,
  readRstStream,
  readTrailers,
  readWindowUpdate,
  RfcErrorCode,
  SettingId,
} from "../../../http/index.ts";
import { listOf } from "./header-list.ts";
import type { KeptRequest } from "./kept-request.ts";
import { OriginalOutput } from "./original-output.ts";
import type { SettingsInFlight } from "./settings-in-flight.ts";
import type { StreamTable } from "./stream-table.ts";

/** What a client's frames bring to light. */
export interface ClientFrameEvents {
  /** A request; says where it goes. `stolen` and `refused` ones never reach the original. */
  onRequest(block: HeaderBlock, decoded: DecodedBlock): "original" | "stolen" | "refused";
  onSettings(): void;
  onSettingsAck(): void;
  /** Gives true when it was answered and the original is not to hear of it. */
  onPing(payload: Buffer): boolean;
  /** Gives what the original is to be granted. @throws Http2Error `window-overflow` */
  onConnectionWindow(bytes: number): number;
  onReset(streamId: number): void;
  /** A stolen stream was dealt with wrongly; the others go on. */
  onStreamError(error: Http2Error): void;
  /** A header list of a stream that is not stolen is too large to be passed on: the client is told, once. */
  onTooLarge(streamId: number): void;
  onStolenData(piece: DataPiece): void;
}

/**
 * Reads what the client sends. Until the first stolen stream its bytes pass as they came; from then on frame by frame,
 * header blocks said again for the original, and nothing of a stolen stream goes there, ever.
 */
export class ClientFrames implements FrameSink {
  readonly #events: ClientFrameEvents;
  readonly #table: StreamTable;
  readonly #clientSettings: SettingsInFlight;
  readonly #serverSettings: SettingsInFlight;
  readonly #decoder = new FrameDecoder(this, { maxGatheredBytes: MAX_GATHERED_FRAME_BYTES });
  readonly #assembler = new HeaderBlockAssembler({
    maxBlockBytes: MAX_HEADER_BLOCK_BYTES,
    maxContinuations: MAX_CONTINUATIONS,
  });
  readonly #hpack = new HpackDecoder({ maxListBytes: MAX_HEADER_LIST_BYTES });
  readonly #output: OriginalOutput;
  #guard: FloodGuard | undefined;
  /** SETTINGS that we have said in the original's place: it is not to hear that the client took them. */
  #ownSettings = 0;
  #isInData = false;
  #hasMoved = false;
  #atBoundary: (() => void)[] = [];
  #prefaceLeft = CLIENT_PREFACE.length;
  readonly #checksPreface: boolean;

  constructor(options: {
    events: ClientFrameEvents;
    table: StreamTable;
    clientSettings: SettingsInFlight;
    serverSettings: SettingsInFlight;
    /** Nobody has looked at the preface before. */
    checksPreface: boolean;
    /** Takes what goes to the original. */
    send: (bytes: Buffer, from: number, to: number) => void;
  }) {
    this.#events = options.events;
    this.#table = options.table;
    this.#clientSettings = options.clientSettings;
    this.#serverSettings = options.serverSettings;
    this.#checksPreface = options.checksPreface;
    this.#output = new OriginalOutput(options.send);
  }

  get isUntouched(): boolean {
    return this.#output.isUntouched;
  }

  /** Takes a chunk, valid during the call only. @throws Http2Error of the connection */
  push(chunk: Buffer): void {
    this.#output.begin(chunk);
    let at = 0;
    if (this.#prefaceLeft > 0) {
      at = Math.min(this.#prefaceLeft, chunk.length);
      if (this.#checksPreface) this.#checkPreface(chunk, at);
      this.#prefaceLeft -= at;
      this.#output.read(at);
      this.#output.pass(chunk, 0, at);
    }
    this.#decoder.push(at === 0 ? chunk : chunk.subarray(at));
    this.#output.end();
  }

  #checkPreface(chunk: Buffer, bytes: number): void {
    const from = CLIENT_PREFACE.length - this.#prefaceLeft;
    if (chunk.compare(CLIENT_PREFACE, from, from + bytes, 0, bytes) !== 0)
      throw new Http2Error("bad-preface", "the client goes on with something else");
  }

  /** Gives what was not passed on, for whoever passes this connection unread. */
  takeHeld(): Buffer {
    return this.#output.takeHeld();
  }

  /** From now on frame by frame: the streams are not all the original's any more. */
  touch(): void {
    if (this.#output.touch()) this.#guard = new FloodGuard(performance.now());
  }

  /** Something has come in part only, and is kept until the rest is there. */
  get isWaiting(): boolean {
    return this.#decoder.isWaiting;
  }

  /** Since it was asked last, something else was whole. */
  get hasMoved(): boolean {
    const hasMoved = this.#hasMoved;
    this.#hasMoved = false;
    return hasMoved;
  }

  /** The client is sent SETTINGS of ours, before the original has said any. */
  expectOwnAck(): void {
    this.#ownSettings++;
  }

  /** The original has named the largest frame it takes. */
  allowFrames(): void {
    this.#decoder.allowFrames(this.#serverSettings.latest.maxFrameBytes);
  }

  stop(): void {
    this.#decoder.stop();
  }

  /** @throws Http2Error `flood` */
  count(kind: FloodKind): void {
    this.#guard?.count(kind, performance.now());
  }

  /** Sends the original a request that nobody took, as its client would have. */
  replay(streamId: number, kept: KeptRequest): void {
    this.#output.replay(streamId, kept);
  }

  onFrame(frame: Frame): void {
    this.#hasMoved ||= isWhole(frame);
    this.#output.read(frame.end - frame.start);
    if (this.#takes(frame)) return;
    this.#output.pass(frame.bytes, frame.start, frame.end);
  }

  onData(piece: DataPiece): void {
    this.#output.read(piece.end - piece.start);
    this.#isInData = !piece.isLast;
    if (!this.#table.copied.isEmpty) this.#table.copied.requestData(piece);
    if (this.#table.isStolen(piece.streamId)) this.#stolenData(piece);
    // In part: what a read brings goes on at once, and the next piece follows nothing but this one.
    else {
      if (piece.isFirst) this.#table.passed(piece.streamId, "bytesIn", piece.payloadBytes);
      this.#output.pass(piece.bytes, piece.start, piece.end);
    }
    if (piece.isLast && this.#atBoundary.length > 0) for (const act of this.#atBoundary.splice(0)) act();
  }

  /** Acts as soon as the client's bytes so far end with a whole frame: now, if they do. */
  atBoundary(act: () => void): void {
    if (this.#isInData) this.#atBoundary.push(act);
    else act();
  }

  #stolenData(piece: DataPiece): void {
    // A frame that is nothing but padding comes in one piece, but for an odd cut.
    const isEmpty = piece.isFirst && piece.isLast && piece.dataStart === piece.dataEnd;
    if (isEmpty && (piece.flags & FrameFlag.endStream) === 0) this.count("empty-data");
    this.#ofStream(() => this.#events.onStolenData(piece));
  }

  /** Gives true when the frame does not go to the original as it is. */
  #takes(frame: Frame): boolean {
    switch (frame.type) {
      case FrameType.headers:
      case FrameType.continuation:
        this.#blockFrame(frame);
        return true;
      case FrameType.pushPromise:
        throw new Http2Error("stream-id", "a client pushes");
      case FrameType.settings:
        return this.#settings(frame);
      case FrameType.ping:
        if ((frame.flags & FrameFlag.ack) !== 0) return false;
        if (!this.#events.onPing(readPing(frame))) return false;
        this.count("ping");
        return true;
      case FrameType.windowUpdate:
        return this.#windowUpdate(frame);
      case FrameType.rstStream:
        if (!this.#table.isStolen(frame.streamId)) this.#events.onReset(frame.streamId);
        break;
      default:
    }
    return this.#takesOfStolen(frame);
  }

  #takesOfStolen(frame: Frame): boolean {
    const { streamId } = frame;
    if (!this.#table.isStolen(streamId)) return false;
    const exchange = this.#table.stolen.get(streamId);
    if (frame.type === FrameType.rstStream && exchange !== undefined) {
      if (!exchange.isAnswering) this.count("reset");
      exchange.clientReset(readRstStream(frame));
    } else this.count("ignored");
    if (frame.type === FrameType.priority) this.#ofStream(() => checkPriority(frame));
    return true;
  }

  #settings(frame: Frame): boolean {
    this.count("settings");
    if ((frame.flags & FrameFlag.ack) === 0) {
      if (this.#clientSettings.isFull) throw new Http2Error("flood", "SETTINGS that nobody acknowledges");
      this.#clientSettings.sent(frame);
      this.#events.onSettings();
      return false;
    }
    // RFC 9113 §6.5.3: in the order in which they were said, and ours came first.
    if (this.#ownSettings > 0) {
      this.#ownSettings--;
      return true;
    }
    for (const { id, value } of this.#serverSettings.acknowledge())
      if (id === SettingId.headerTableSize) {
        const bytes = Math.min(value, MAX_TABLE_BYTES);
        this.#hpack.allowTable(bytes);
        this.#output.allowTable(bytes);
      }
    this.#events.onSettingsAck();
    return false;
  }

  #windowUpdate(frame: Frame): boolean {
    const { streamId } = frame;
    if (streamId === 0) {
      const increment = readWindowUpdate(frame);
      const granted = this.#events.onConnectionWindow(increment);
      if (granted === increment) return false;
      this.#output.grant(granted);
      return true;
    }
    if (!this.#table.isStolen(streamId)) return false;
    const exchange = this.#table.stolen.get(streamId);
    if (exchange === undefined) this.count("ignored");
    else
      this.#ofStream(() => {
        exchange.grant(readWindowUpdate(frame));
      });
    return true;
  }

  #blockFrame(frame: Frame): void {
    const whole = this.#assembler.add(frame);
    if (whole === undefined) return;
    const { streamId } = whole;
    const decoded = this.#hpack.decodeAgain(whole.bytes, whole.from, whole.to);
    if (this.#table.ids.open(streamId) === "known") {
      if (!this.#table.copied.isEmpty) this.#table.copied.requestTrailers(whole, decoded);
      if (this.#table.isStolen(streamId)) {
        this.#output.withhold(decoded);
        return this.#stolenTrailers(whole, decoded);
      }
      if (this.#output.canForward(decoded)) return this.#output.forward(whole, decoded);
      this.#output.withhold(decoded);
      return this.#refuseTrailers(streamId);
    }
    const where = this.#output.canForward(decoded) ? this.#events.onRequest(whole, decoded) : "too-large";
    if (where === "original") return this.#output.forward(whole, decoded);
    if (where === "too-large") {
      this.count("reset");
      this.#events.onTooLarge(streamId);
    }
    this.touch();
    this.#table.stolenIds.add(streamId);
    this.#output.withhold(decoded);
  }

  /** RFC 9113 §10.5.1: a list may be too large for an intermediary. The stream cannot go on without its end. */
  #refuseTrailers(streamId: number): void {
    this.count("reset");
    this.#output.reset(streamId, RfcErrorCode.enhanceYourCalm);
    this.#events.onReset(streamId);
    this.#events.onTooLarge(streamId);
  }

  #stolenTrailers(whole: HeaderBlock, decoded: DecodedBlock): void {
    const { streamId } = whole;
    const exchange = this.#table.stolen.get(streamId);
    if (exchange === undefined) return this.count("ignored");
    this.#ofStream(() => {
      const trailers = readTrailers(decoded.fields);
      if ("malformed" in trailers || decoded.isTooLarge)
        throw new Http2Error("stream-id", "trailers that are none", { streamId });
      exchange.requestTrailers(listOf(decoded), whole.endStream);
    });
  }

  #ofStream(act: () => void): void {
    try {
      act();
    } catch (error) {
      if (!(error instanceof Http2Error) || error.streamId === 0) throw error;
      // CVE-2025-8671: that we reset it is the client's doing.
      this.count("reset");
      this.#events.onStreamError(error);
    }
  }
}

/** Nothing of it is to come: a trickle of CONTINUATIONs is one header block still. */
function isWhole({ type, flags }: Frame): boolean {
  const isOfBlock = type === FrameType.headers || type === FrameType.continuation;
  return !isOfBlock || (flags & FrameFlag.endHeaders) !== 0;
}
