import { strict as assert } from "node:assert";
import {
  CLIENT_PREFACE,
  type DataPiece,
  dataFrameHeader,
  encodePlain,
  type Frame,
  FrameDecoder,
  FrameFlag,
  FrameType,
  HeaderBlockAssembler,
  type HeaderPair,
  headersFrames,
  HpackDecoder,
  pingFrame,
  readGoaway,
  readRstStream,
  readSettings,
  readWindowUpdate,
  RfcErrorCode,
  rstStreamFrame,
  type Setting,
  SettingId,
  SizeUpdateDebt,
  settingsAckFrame,
  settingsFrame,
  windowUpdateFrame,
} from "../../../../src/http/index.ts";
import type { RawEnd } from "../inbound-stage.ts";

/** What a strict client has heard on one stream. */
export class StrictStream {
  readonly heads: HeaderPair[][] = [];
  readonly body: Buffer[] = [];
  bodyBytes = 0;
  ended = false;
  /** What END_STREAM came with. */
  endedBy: "headers" | "data" | undefined;
  /** Names that came in literals which no proxy may put into a table. */
  readonly neverIndexed = new Set<string>();
  reset: number | undefined;
  windowBytes: number;
  sendBytes: number;

  constructor(windowBytes: number, sendBytes: number) {
    this.windowBytes = windowBytes;
    this.sendBytes = sendBytes;
  }

  get status(): string | undefined {
    return this.field(":status");
  }

  get text(): string {
    return Buffer.concat(this.body).toString("latin1");
  }

  get isOver(): boolean {
    return this.ended || this.reset !== undefined;
  }

  field(
    name: string,
    head = this.heads.findIndex(([first]) => first?.[1]?.startsWith("1") !== true),
  ): string | undefined {
    return this.heads[head]?.find(([key]) => key === name)?.[1];
  }
}

/**
 * An HTTP/2 client that forgives nothing: counts both windows, decodes every block, checks each frame's place. It gives
 * credit only when it is told to, so that a proxy which borrows too much is found out.
 */
export class StrictClient {
  readonly end: RawEnd;
  readonly streams = new Map<number, StrictStream>();
  readonly pings: string[] = [];
  readonly faults: string[] = [];
  readonly goaways: { lastStreamId: number; code: number }[] = [];
  /** What the server's settings said, all together. */
  readonly settings = new Map<number, number>();
  windowBytes = 65_535;
  sendBytes = 65_535;
  /** Gives all credit back on receipt. */
  isGenerous = true;
  readonly #hpack: HpackDecoder;
  readonly #assembler = new HeaderBlockAssembler({ maxBlockBytes: 1 << 20, maxContinuations: 100 });
  readonly #initialWindowBytes: number;
  readonly #preface: Buffer;
  /** RFC 9113 §4.3.1: what a block must begin with after the server lowered its table. */
  readonly #debt = new SizeUpdateDebt();
  readonly #tableBytes: number | undefined;
  #serverWindowBytes = 65_535;
  #hasSettings = false;
  #hasAck = false;
  #lastId = -1;
  /** What is to be read before frames begin. */
  #upgradeText: string | undefined;

  /** `upgrade` is the request of HTTP/1.1 that becomes stream 1 when it is answered with 101. */
  constructor(end: RawEnd, options: { windowBytes?: number; tableBytes?: number; upgrade?: string } = {}) {
    this.end = end;
    this.#initialWindowBytes = options.windowBytes ?? 65_535;
    this.#tableBytes = options.tableBytes;
    this.#hpack = new HpackDecoder({ maxListBytes: 1 << 20 });
    const decoder = new FrameDecoder({
      onFrame: (frame) => this.#frame(frame),
      onData: (piece) => this.#data(piece),
    });
    end.socket.on("data", (chunk: Buffer) => {
      try {
        decoder.push(this.#upgradeText === undefined ? Buffer.from(chunk) : this.#upgraded(chunk));
      } catch (error) {
        this.faults.push(String(error));
      }
    });
    const settings: Setting[] = [{ id: SettingId.initialWindowSize, value: this.#initialWindowBytes }];
    if (this.#tableBytes !== undefined)
      settings.push({ id: SettingId.headerTableSize, value: this.#tableBytes });
    this.#preface = Buffer.concat([CLIENT_PREFACE, settingsFrame(settings)]);
    if (options.upgrade === undefined) end.send(this.#preface);
    else {
      this.#upgradeText = "";
      // RFC 7540 §3.2.1: the 101 acknowledges what HTTP2-Settings said.
      this.#hasAck = true;
      this.#lastId = 1;
      this.streams.set(1, new StrictStream(this.#initialWindowBytes, 0));
      end.send(options.upgrade);
    }
  }

  /** Gives what is behind the 101. */
  #upgraded(chunk: Buffer): Buffer {
    this.#upgradeText += chunk.toString("latin1");
    const text = this.#upgradeText ?? "";
    const end = text.indexOf("\r\n\r\n");
    if (end === -1) return Buffer.alloc(0);
    if (!text.startsWith("HTTP/1.1 101 ")) this.#fault(text.slice(0, end));
    this.#upgradeText = undefined;
    this.end.send(this.#preface);
    return Buffer.from(text.slice(end + 4), "latin1");
  }

  /** Opens a stream; `fields` begin with the pseudo-header fields that differ from a GET. */
  request(fields: readonly HeaderPair[], body?: Buffer | "open"): { id: number; stream: StrictStream } {
    this.#lastId += 2;
    const id = this.#lastId;
    const stream = new StrictStream(
      this.#hasAck ? this.#initialWindowBytes : Math.max(65_535, this.#initialWindowBytes),
      this.#serverWindowBytes,
    );
    this.streams.set(id, stream);
    const defaults: HeaderPair[] = [
      [":method", body === undefined ? "GET" : "POST"],
      [":scheme", "http"],
      [":path", "/"],
      [":authority", "pod"],
    ];
    const named = new Map(fields);
    const isTunnel = named.get(":method") === "CONNECT" && !named.has(":protocol");
    const wanted = isTunnel ? defaults.filter(([name]) => /^:(?:method|authority)$/.test(name)) : defaults;
    const pseudo = wanted.map(([name, value]): HeaderPair => [name, named.get(name) ?? value]);
    if (named.has(":protocol")) pseudo.push([":protocol", named.get(":protocol") ?? ""]);
    const others = fields.filter(([name]) => !name.startsWith(":"));
    const sizeUpdateBytes = this.#debt.pay();
    const block = encodePlain(
      [...pseudo, ...others],
      sizeUpdateBytes === undefined ? {} : { sizeUpdateBytes },
    );
    this.end.send(headersFrames({ streamId: id, block, endStream: body === undefined }));
    if (Buffer.isBuffer(body)) this.send(id, body, true);
    return { id, stream };
  }

  /** Sends DATA that both windows must allow for. */
  send(id: number, body: Buffer, endStream: boolean): void {
    const stream = this.stream(id);
    assert.ok(body.length <= this.sendBytes && body.length <= stream.sendBytes, "the test sends too much");
    this.sendBytes -= body.length;
    stream.sendBytes -= body.length;
    for (let at = 0; at === 0 || at < body.length; at += 16_384) {
      const length = Math.min(16_384, body.length - at);
      const isLast = at + length >= body.length;
      this.end.send(dataFrameHeader({ streamId: id, length, endStream: endStream && isLast }));
      this.end.send(body.subarray(at, at + length));
    }
  }

  trailers(id: number, pairs: readonly HeaderPair[]): void {
    this.end.send(headersFrames({ streamId: id, block: encodePlain(pairs), endStream: true }));
  }

  /** The server has said its settings, if only that it has none. */
  get hasSettings(): boolean {
    return this.#hasSettings;
  }

  cancel(id: number, code: RfcErrorCode = RfcErrorCode.cancel): void {
    this.end.send(rstStreamFrame(id, code));
  }

  get goaway(): { lastStreamId: number; code: number } | undefined {
    return this.goaways.at(-1);
  }

  ping(text: string): void {
    this.end.send(pingFrame(Buffer.from(text), { ack: false }));
  }

  grant(id: number, bytes: number): void {
    if (id === 0) this.windowBytes += bytes;
    else this.stream(id).windowBytes += bytes;
    this.end.send(windowUpdateFrame(id, bytes));
  }

  stream(id: number): StrictStream {
    const stream = this.streams.get(id);
    assert.ok(stream !== undefined);
    return stream;
  }

  async until(holds: () => boolean): Promise<void> {
    await this.end.until(() => this.faults.length > 0 || holds());
    assert.deepEqual(this.faults, []);
  }

  async over(id: number): Promise<StrictStream> {
    await this.until(() => this.stream(id).isOver);
    return this.stream(id);
  }

  #fault(what: string): void {
    this.faults.push(what);
  }

  #data(piece: DataPiece): void {
    const stream = this.streams.get(piece.streamId);
    if (stream === undefined) return this.#fault(`DATA on unknown stream ${piece.streamId}`);
    if (piece.isFirst) {
      this.windowBytes -= piece.payloadBytes;
      stream.windowBytes -= piece.payloadBytes;
      if (this.windowBytes < 0) this.#fault(`connection window ${this.windowBytes}`);
      if (stream.windowBytes < 0) this.#fault(`window ${stream.windowBytes} of stream ${piece.streamId}`);
      if (stream.ended) this.#fault(`DATA behind END_STREAM of ${piece.streamId}`);
      if (stream.heads.length === 0) this.#fault("DATA before HEADERS");
    }
    stream.body.push(Buffer.from(piece.bytes.subarray(piece.dataStart, piece.dataEnd)));
    stream.bodyBytes += piece.dataEnd - piece.dataStart;
    if (!piece.isLast) return;
    if ((piece.flags & FrameFlag.endStream) !== 0) {
      stream.ended = true;
      stream.endedBy = "data";
    }
    if (!this.isGenerous || piece.payloadBytes === 0) return;
    this.grant(0, piece.payloadBytes);
    if (!stream.ended) this.grant(piece.streamId, piece.payloadBytes);
  }

  #frame(frame: Frame): void {
    if (!this.#hasSettings && frame.type !== FrameType.settings) this.#fault("a frame before SETTINGS");
    const stream = this.streams.get(frame.streamId);
    switch (frame.type) {
      case FrameType.headers:
      case FrameType.continuation: {
        const block = this.#assembler.add(frame);
        if (block === undefined) return;
        const { fields, representations } = this.#hpack.decode(block.block);
        if (stream === undefined) return this.#fault("HEADERS on an unknown stream");
        if (stream.ended) this.#fault("HEADERS behind END_STREAM");
        stream.heads.push(fields.map(({ name, value }): HeaderPair => [name, value]));
        for (const { kind, entry } of representations)
          if (kind === "never-indexed" && entry !== undefined) stream.neverIndexed.add(entry.name);
        if (block.endStream) {
          stream.ended = true;
          stream.endedBy = "headers";
        }
        return;
      }
      case FrameType.settings:
        if ((frame.flags & FrameFlag.ack) === 0) {
          this.#hasSettings = true;
          for (const { id, value } of readSettings(frame)) {
            this.settings.set(id, value);
            if (id === SettingId.headerTableSize) this.#debt.allowTable(value);
          }
          for (const { id, value } of readSettings(frame))
            if (id === SettingId.initialWindowSize) {
              for (const each of this.streams.values()) each.sendBytes += value - this.#serverWindowBytes;
              this.#serverWindowBytes = value;
            }
          this.end.send(settingsAckFrame());
        } else if (!this.#hasAck) {
          this.#hasAck = true;
          for (const each of this.streams.values())
            each.windowBytes += Math.min(0, this.#initialWindowBytes - 65_535);
          if (this.#tableBytes !== undefined) this.#hpack.allowTable(this.#tableBytes);
        }
        return;
      case FrameType.windowUpdate:
        if (frame.streamId === 0) this.sendBytes += readWindowUpdate(frame);
        else if (stream !== undefined) stream.sendBytes += readWindowUpdate(frame);
        return;
      case FrameType.rstStream:
        if (stream !== undefined) stream.reset = readRstStream(frame);
        return;
      case FrameType.ping:
        if ((frame.flags & FrameFlag.ack) !== 0)
          this.pings.push(frame.bytes.toString("latin1", frame.payloadStart, frame.end));
        return;
      case FrameType.goaway:
        this.goaways.push(readGoaway(frame));
        return;
      default:
    }
  }
}
