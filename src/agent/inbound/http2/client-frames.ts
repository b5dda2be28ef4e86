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
  headersFrames,
  HpackDecoder,
  HpackReencoder,
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
  rstStreamFrame,
  dataFrameHeader,
  SettingId,
  windowUpdateFrame,
} from "../../../http/index.ts";
import { GatheredWrites } from "./gathered-writes.ts";
import { encodeList, type HeaderList, listOf } from "./header-list.ts";
import type { KeptRequest } from "./kept-request.ts";
import type { SettingsInFlight } from "./settings-in-flight.ts";
import type { StreamTable } from "./stream-table.ts";
import { UntouchedBytes } from "./untouched-bytes.ts";

const MAX_DATA_BYTES = 16_384;

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
  readonly #reencoder = new HpackReencoder();
  readonly #writes: GatheredWrites;
  #untouched: UntouchedBytes | undefined;
  #guard: FloodGuard | undefined;
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
    this.#writes = new GatheredWrites(options.send);
    this.#untouched = new UntouchedBytes(options.send);
  }

  get isUntouched(): boolean {
    return this.#untouched !== undefined;
  }

  /** Takes a chunk, valid during the call only. @throws Http2Error of the connection */
  push(chunk: Buffer): void {
    this.#untouched?.begin(chunk);
    let at = 0;
    if (this.#prefaceLeft > 0) {
      at = Math.min(this.#prefaceLeft, chunk.length);
      if (this.#checksPreface) this.#checkPreface(chunk, at);
      this.#prefaceLeft -= at;
      this.#untouched?.read(at);
      this.#pass(chunk, 0, at);
    }
    this.#decoder.push(at === 0 ? chunk : chunk.subarray(at));
    this.#untouched?.end();
    this.#writes.flush();
  }

  #checkPreface(chunk: Buffer, bytes: number): void {
    const from = CLIENT_PREFACE.length - this.#prefaceLeft;
    if (chunk.compare(CLIENT_PREFACE, from, from + bytes, 0, bytes) !== 0)
      throw new Http2Error("bad-preface", "the client goes on with something else");
  }

  /** Gives what was not passed on, for whoever passes this connection unread. */
  takeHeld(): Buffer {
    return this.#untouched?.take() ?? Buffer.alloc(0);
  }

  /** From now on frame by frame: the streams are not all the original's any more. */
  touch(): void {
    if (this.#untouched === undefined) return;
    this.#untouched.flush();
    this.#untouched.drop();
    this.#untouched = undefined;
    this.#guard = new FloodGuard(performance.now());
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
    const endsWithHead = kept.isWhole && kept.body.length === 0 && kept.trailers === undefined;
    this.#block(streamId, kept.head, endsWithHead);
    const content = Buffer.concat(kept.body);
    const endsWithData = kept.isWhole && kept.trailers === undefined;
    for (let at = 0; at < content.length; at += MAX_DATA_BYTES) {
      const length = Math.min(MAX_DATA_BYTES, content.length - at);
      const endStream = endsWithData && at + length === content.length;
      this.#writes.add(dataFrameHeader({ streamId, length, endStream }));
      this.#writes.add(content.subarray(at, at + length));
    }
    if (kept.trailers !== undefined) this.#block(streamId, kept.trailers, true);
    this.#writes.flush();
  }

  #block(streamId: number, list: HeaderList, endStream: boolean): void {
    const plain = encodeList(list);
    // Its first form was made for a table that has changed since. A plain one needs none.
    const decoded = new HpackDecoder({ maxListBytes: Number.POSITIVE_INFINITY }).decode(plain);
    const block = this.#reencoder.forward(decoded);
    this.#writes.add(headersFrames({ streamId, block, endStream }));
  }

  onFrame(frame: Frame): void {
    this.#hasMoved ||= isWhole(frame);
    this.#untouched?.read(frame.end - frame.start);
    if (this.#takes(frame)) return;
    this.#pass(frame.bytes, frame.start, frame.end);
  }

  onData(piece: DataPiece): void {
    this.#untouched?.read(piece.end - piece.start);
    this.#isInData = !piece.isLast;
    if (this.#table.isStolen(piece.streamId)) this.#stolenData(piece);
    // In part: what a read brings goes on at once, and the next piece follows nothing but this one.
    else this.#pass(piece.bytes, piece.start, piece.end);
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

  #pass(bytes: Buffer, from: number, to: number): void {
    if (this.#untouched === undefined) this.#writes.add(bytes, from, to);
    else this.#untouched.release();
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
        this.#settings(frame);
        return false;
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

  #settings(frame: Frame): void {
    this.count("settings");
    if ((frame.flags & FrameFlag.ack) === 0) {
      if (this.#clientSettings.isFull) throw new Http2Error("flood", "SETTINGS that nobody acknowledges");
      this.#clientSettings.sent(frame);
      return this.#events.onSettings();
    }
    for (const { id, value } of this.#serverSettings.acknowledge())
      if (id === SettingId.headerTableSize) {
        const bytes = Math.min(value, MAX_TABLE_BYTES);
        this.#hpack.allowTable(bytes);
        this.#reencoder.allowTable(bytes);
      }
    this.#events.onSettingsAck();
  }

  #windowUpdate(frame: Frame): boolean {
    const { streamId } = frame;
    if (streamId === 0) {
      const increment = readWindowUpdate(frame);
      const granted = this.#events.onConnectionWindow(increment);
      if (granted === increment) return false;
      if (granted > 0) this.#writes.add(windowUpdateFrame(0, granted));
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
      if (this.#table.isStolen(streamId)) {
        this.#reencoder.withhold(decoded);
        return this.#stolenTrailers(whole, decoded);
      }
      if (this.#canForward(decoded)) return this.#forward(whole, decoded);
      this.#reencoder.withhold(decoded);
      return this.#refuseTrailers(streamId);
    }
    const where = this.#canForward(decoded) ? this.#events.onRequest(whole, decoded) : "too-large";
    if (where === "original") return this.#forward(whole, decoded);
    if (where === "too-large") {
      this.count("reset");
      this.#events.onTooLarge(streamId);
    }
    this.touch();
    this.#table.stolenIds.add(streamId);
    this.#reencoder.withhold(decoded);
  }

  /**
   * A list above our limit still passes as it came. To be said again it would have to be spelled out, and a block of a few
   * KB may stand for 100 MB of fields: each of its references can name an entry that the original never got.
   */
  #canForward(decoded: DecodedBlock): boolean {
    return !decoded.isTooLarge || this.#reencoder.isInStep;
  }

  /** RFC 9113 §10.5.1: a list may be too large for an intermediary. The stream cannot go on without its end. */
  #refuseTrailers(streamId: number): void {
    this.count("reset");
    this.#writes.add(rstStreamFrame(streamId, RfcErrorCode.enhanceYourCalm));
    this.#events.onReset(streamId);
    this.#events.onTooLarge(streamId);
  }

  #forward(whole: HeaderBlock, decoded: DecodedBlock): void {
    const block = this.#reencoder.forward(decoded);
    if (this.#untouched !== undefined) return this.#untouched.release();
    if (block === decoded.bytes) whole.eachFrame((bytes, from, to) => this.#writes.add(bytes, from, to));
    else this.#writes.add(headersFrames({ streamId: whole.streamId, block, endStream: whole.endStream }));
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
