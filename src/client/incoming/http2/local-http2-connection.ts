import {
  applySettings,
  CONNECTION_WINDOW_BYTES,
  type DataPiece,
  encodePlain,
  FloodGuard,
  FlowWindow,
  FRAME_HEADER_BYTES,
  type Frame,
  FrameDecoder,
  FrameFlag,
  FrameType,
  goawayFrame,
  HeaderBlockAssembler,
  HpackDecoder,
  Http2Error,
  INITIAL_SETTINGS,
  MAX_CONTINUATIONS,
  MAX_HEADER_BLOCK_BYTES,
  MAX_HEADER_LIST_BYTES,
  pingFrame,
  readGoaway,
  readPing,
  readRstStream,
  readServerPreface,
  readSettings,
  readWindowUpdate,
  RfcErrorCode,
  settingsAckFrame,
  SizeUpdateDebt,
  windowUpdateFrame,
} from "../../../http/index.ts";
import { CONNECTION_BYTES, greeting } from "./greeting.ts";
import type { ConnectionUser, LocalConnection } from "../local-connection.ts";
import {
  type Http2StreamHost,
  type Http2StreamUser,
  LocalHttp2Stream,
  type LostHow,
} from "./local-http2-stream.ts";

/** What the owner of a connection is told. */
export interface Http2ConnectionEvents {
  /** The program's first bytes are SETTINGS. */
  onReady(): void;
  /** It takes no more streams. `how` is undefined when it was one of HTTP/2 and is only over. */
  onGone(how: LostHow | undefined): void;
  /** No stream is under way, or again one is. */
  onIdle(isIdle: boolean): void;
}

/** RFC 9113 §5.1.1: the last id of a client, but one for good measure. */
const LAST_STREAM_ID = 2 ** 31 - 3;

/**
 * One connection to the local program in HTTP/2, we being its client (RFC 9113).
 *
 * States: dialling → greeting → open → leaving → closed; from each also → closed. Streams may be opened in the first three:
 * they wait until the program's SETTINGS has come, so that a program that does not speak HTTP/2 has got no request, and
 * while it takes no more at once. From `leaving` on none is opened, those under way go on.
 *
 * Written here and not by a library: `node:http2` makes `:authority` up, cannot keep the order and marks of trailers, and
 * tells of an answer that the program cut with NO_ERROR as of a whole one.
 */
export class LocalHttp2Connection implements Http2StreamHost {
  readonly window = new FlowWindow({ bytes: CONNECTION_WINDOW_BYTES, streamId: 0 });
  readonly #received = new FlowWindow({ bytes: CONNECTION_BYTES, streamId: 0 });
  readonly #connection: LocalConnection;
  readonly #events: Http2ConnectionEvents;
  readonly #decoder = new FrameDecoder({
    onFrame: (frame) => this.#guard(() => this.#onFrame(frame)),
    onData: (piece) => this.#guard(() => this.#onData(piece)),
  });
  readonly #assembler = new HeaderBlockAssembler({
    maxBlockBytes: MAX_HEADER_BLOCK_BYTES,
    maxContinuations: MAX_CONTINUATIONS,
  });
  readonly #hpack = new HpackDecoder({ maxListBytes: MAX_HEADER_LIST_BYTES });
  readonly #tableDebt = new SizeUpdateDebt();
  readonly #floods = new FloodGuard(performance.now());
  #settings = INITIAL_SETTINGS;
  #state: "dialling" | "greeting" | "open" | "leaving" | "closed" = "dialling";
  /** Kept until it is known to be a SETTINGS frame, or none. */
  #firstBytes: Buffer = Buffer.alloc(0);
  readonly #waiting = new Set<LocalHttp2Stream>();
  readonly #streams = new Map<number, LocalHttp2Stream>();
  readonly #blocked = new Set<LocalHttp2Stream>();
  #nextId = 1;
  #owedBytes = 0;
  #isIdle = true;

  constructor(dial: (user: ConnectionUser) => LocalConnection, events: Http2ConnectionEvents) {
    this.#events = events;
    this.#connection = dial({
      onConnect: () => this.#greet(),
      onData: (chunk) => this.#read(chunk),
      onEnd: () => this.#lost(undefined),
      onClose: (error) => this.#lost(error),
    });
  }

  /** Whether streams may be opened. */
  get takesStreams(): boolean {
    return this.#state !== "leaving" && this.#state !== "closed";
  }

  /** Whether the program has said its SETTINGS. */
  get isReady(): boolean {
    return this.#settings !== INITIAL_SETTINGS;
  }

  get maxFrameBytes(): number {
    return this.#settings.maxFrameBytes;
  }

  /** Opens a stream: `onTurn` is called when it may send, perhaps at once. */
  open(user: Http2StreamUser): LocalHttp2Stream {
    const stream = new LocalHttp2Stream(this, user);
    this.#waiting.add(stream);
    this.#tellIdle();
    // Its user must have it before its turn comes.
    queueMicrotask(() => this.#admit());
    return stream;
  }

  /** Says goodbye and closes; streams under way are lost. Safe to call twice. */
  close(): void {
    if (this.#state === "open" || this.#state === "leaving")
      this.write([goawayFrame({ lastStreamId: 0, code: RfcErrorCode.noError })]);
    this.#end("closed", "the connection is closed");
    this.#connection.close();
  }

  // --- what streams ask for ---

  write(bytes: readonly Buffer[], onTaken?: () => void): void {
    if (this.#state === "closed") return onTaken?.();
    this.#connection.gather();
    this.#connection.write(bytes, onTaken);
  }

  waitForWindow(stream: LocalHttp2Stream): void {
    this.#blocked.add(stream);
  }

  creditConnection(bytes: number): void {
    this.#owedBytes += bytes;
    if (this.#owedBytes < CONNECTION_BYTES / 16) return;
    this.write([windowUpdateFrame(0, this.#owedBytes)]);
    this.#received.grant(this.#owedBytes);
    this.#owedBytes = 0;
  }

  forget(stream: LocalHttp2Stream): void {
    this.#waiting.delete(stream);
    this.#blocked.delete(stream);
    this.#streams.delete(stream.id);
    if (this.#state === "leaving" && this.#streams.size === 0) return this.close();
    this.#admit();
    this.#tellIdle();
  }

  prefixOfBlock(): Buffer | undefined {
    const sizeUpdateBytes = this.#tableDebt.pay();
    return sizeUpdateBytes === undefined ? undefined : encodePlain([], { sizeUpdateBytes });
  }

  // --- what the program says ---

  #greet(): void {
    const agreed = this.#connection.agreedProtocol;
    if (this.#connection.isTls && agreed !== "h2")
      return this.#stranger(`it agreed upon ${agreed ?? "no protocol"} in TLS`);
    this.#state = "greeting";
    this.write([greeting]);
  }

  #read(chunk: Buffer): void {
    if (this.#state === "closed") return;
    let bytes = chunk;
    if (this.#state === "greeting") {
      bytes = this.#firstBytes = Buffer.concat([this.#firstBytes, chunk]);
      const verdict = readServerPreface(bytes);
      if (verdict === "more") return;
      if (verdict === "other") return this.#stranger("its first bytes are not those of HTTP/2");
      this.#firstBytes = Buffer.alloc(0);
      this.#state = "open";
    }
    try {
      this.#decoder.push(bytes);
    } catch (error) {
      if (!(error instanceof Http2Error)) throw error;
      this.#breach(error);
    }
  }

  /** RFC 9113 §5.4.2: what breaks a rule of one stream ends only that. @throws Http2Error of the connection */
  #guard(read: () => void): void {
    try {
      read();
    } catch (error) {
      const stream = error instanceof Http2Error ? this.#streams.get(error.streamId) : undefined;
      if (!(error instanceof Http2Error) || error.streamId === 0) throw error;
      stream?.breach(error.rfcCode, error.message);
    }
  }

  #onFrame(frame: Frame): void {
    switch (frame.type) {
      case FrameType.headers:
      case FrameType.continuation:
        return this.#onHeaders(frame);
      case FrameType.rstStream:
        return this.#streams.get(frame.streamId)?.receiveReset(readRstStream(frame));
      case FrameType.settings:
        return this.#onSettings(frame);
      case FrameType.pushPromise:
        throw new Http2Error("stream-id", "PUSH_PROMISE where it was turned off");
      case FrameType.ping:
        if ((frame.flags & FrameFlag.ack) !== 0) return undefined;
        this.#floods.count("ping", performance.now());
        return this.write([pingFrame(readPing(frame), { ack: true })]);
      case FrameType.goaway:
        return this.#onGoaway(frame);
      case FrameType.windowUpdate:
        return this.#onWindowUpdate(frame);
      default: // PRIORITY asks for what servers do; unknown types are ignored (RFC 9113 §4.1).
        return this.#floods.count("ignored", performance.now());
    }
  }

  #onHeaders(frame: Frame): void {
    const whole = this.#assembler.add(frame);
    if (whole === undefined) return;
    // The block may be a view of the chunk; what is kept of it are strings.
    const block = this.#hpack.decode(whole.block);
    const stream = this.#streamOf(whole.streamId);
    if (block.isTooLarge) stream?.breach(RfcErrorCode.internalError, "a field list above our limit");
    else stream?.receiveHead(block, whole.endStream);
  }

  #onData(piece: DataPiece): void {
    const { isFirst, isLast, payloadBytes } = piece;
    const endsStream = isLast && (piece.flags & FrameFlag.endStream) !== 0;
    if (payloadBytes === 0 && !endsStream) this.#floods.count("empty-data", performance.now());
    // A frame counts as a whole, padding included, as soon as it begins.
    const countedBytes = isFirst ? payloadBytes : 0;
    this.#received.receive(countedBytes);
    const stream = this.#streamOf(piece.streamId);
    const payloadHere = piece.end - piece.start - (isFirst ? FRAME_HEADER_BYTES : 0);
    if (stream === undefined) return this.creditConnection(payloadHere);
    const slice = piece.bytes.subarray(piece.dataStart, piece.dataEnd);
    stream.receiveData(slice, { countedBytes, paddingBytes: payloadHere - slice.length, endsStream });
  }

  /** The stream, or undefined for one that is over. @throws Http2Error `idle-stream` */
  #streamOf(streamId: number): LocalHttp2Stream | undefined {
    if (streamId >= this.#nextId || streamId % 2 === 0)
      throw new Http2Error("idle-stream", `a frame on stream ${streamId}, which is not open`);
    return this.#streams.get(streamId);
  }

  #onSettings(frame: Frame): void {
    if ((frame.flags & FrameFlag.ack) !== 0) return;
    this.#floods.count("settings", performance.now());
    const before = this.#settings;
    this.#settings = applySettings(before, readSettings(frame), "server");
    this.#tableDebt.allowTable(this.#settings.headerTableBytes);
    this.write([settingsAckFrame()]);
    const deltaBytes = this.#settings.initialWindowBytes - before.initialWindowBytes;
    if (deltaBytes !== 0) for (const stream of [...this.#streams.values()]) stream.shiftWindow(deltaBytes);
    if (before === INITIAL_SETTINGS) this.#events.onReady();
    this.#admit();
  }

  #onGoaway(frame: Frame): void {
    const { lastStreamId } = readGoaway(frame);
    if (this.#state === "open") {
      this.#state = "leaving";
      this.#events.onGone(undefined);
    }
    for (const [id, stream] of [...this.#streams]) if (id > lastStreamId) stream.unprocessed();
    for (const stream of [...this.#waiting]) stream.unprocessed();
    if (this.#streams.size === 0) this.close();
  }

  #onWindowUpdate(frame: Frame): void {
    const bytes = readWindowUpdate(frame);
    if (frame.streamId !== 0) return this.#streams.get(frame.streamId)?.grant(bytes);
    this.window.grant(bytes);
    // One frame each in turn, so that a bulk stream does not take it all.
    for (const stream of this.#blocked) {
      if (this.window.bytes <= 0) return;
      this.#blocked.delete(stream);
      if (stream.proceed()) this.#blocked.add(stream);
    }
  }

  /** Begins waiting streams as long as the program takes more at once. */
  #admit(): void {
    if (this.#state !== "open" || !this.isReady) return;
    for (const stream of this.#waiting) {
      if (this.#streams.size >= this.#settings.maxConcurrentStreams) return;
      if (this.#nextId > LAST_STREAM_ID) return this.#exhausted();
      this.#waiting.delete(stream);
      const id = this.#nextId;
      this.#nextId += 2;
      this.#streams.set(id, stream);
      stream.begin({
        id,
        windowBytes: this.#settings.initialWindowBytes,
        takesExtendedConnect: this.#settings.enableConnectProtocol,
      });
    }
  }

  #exhausted(): void {
    this.#state = "leaving";
    this.#events.onGone(undefined);
    for (const stream of [...this.#waiting]) stream.unprocessed();
  }

  /** RFC 9113 §5.4: a breach ends its stream, or all of them. */
  #breach(error: Http2Error): void {
    const { rfcCode, message } = error;
    this.write([goawayFrame({ lastStreamId: 0, code: rfcCode, debugData: message })]);
    this.#end("closed", `the program broke a rule of HTTP/2: ${message}`);
    this.#connection.close();
  }

  #stranger(text: string): void {
    this.#end("stranger", text);
    this.#connection.abort();
  }

  #lost(error: Error | undefined): void {
    if (this.#state === "closed") return;
    const text = error?.message ?? "the program closed the connection";
    if (this.#state === "dialling") this.#end("refused", text);
    else if (this.#state === "greeting") this.#end("stranger", text);
    else this.#end("closed", text);
    this.#connection.close();
  }

  /** The one way into `closed`. */
  #end(how: LostHow, text: string): void {
    if (this.#state === "closed") return;
    const hadLeft = this.#state === "leaving";
    this.#state = "closed";
    this.#decoder.stop();
    if (!hadLeft) this.#events.onGone(how === "closed" ? undefined : how);
    for (const stream of [...this.#streams.values()]) stream.lose(how, text);
    for (const stream of [...this.#waiting]) {
      if (how === "closed") stream.unprocessed();
      else stream.lose(how, text);
    }
  }

  #tellIdle(): void {
    const isIdle = this.#streams.size === 0 && this.#waiting.size === 0;
    if (isIdle === this.#isIdle || this.#state === "closed") return;
    this.#isIdle = isIdle;
    this.#events.onIdle(isIdle);
  }
}
