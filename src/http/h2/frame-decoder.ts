import { Http2Error } from "./errors.ts";
import {
  type DataPiece,
  DEFAULT_MAX_FRAME_BYTES,
  FRAME_HEADER_BYTES,
  type Frame,
  FrameFlag,
  type FrameSink,
  FrameType,
} from "./frame.ts";
import { checkFrameShape } from "./frame-shape.ts";

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

const EMPTY = Buffer.alloc(0);

/**
 * Cuts frames out of one direction of a connection, behind the preface, whatever pieces it comes in.
 *
 * A frame that lies whole in one chunk is given as a view of it. A cut one is gathered, in a buffer of its length that
 * is made only after its header was found good: at most `maxFrameBytes` are held. DATA is never gathered, so that the
 * first byte goes on at once. That nothing stands between the frames of a header block is checked here.
 */
export class FrameDecoder {
  readonly #sink: FrameSink;
  readonly #frame: Mutable<Frame> = {
    type: 0,
    flags: 0,
    streamId: 0,
    bytes: EMPTY,
    start: 0,
    payloadStart: 0,
    end: 0,
  };
  readonly #piece: Mutable<DataPiece> = {
    streamId: 0,
    flags: 0,
    payloadBytes: 0,
    isFirst: false,
    isLast: false,
    bytes: EMPTY,
    start: 0,
    end: 0,
    dataStart: 0,
    dataEnd: 0,
  };
  #maxFrameBytes: number;
  readonly #maxGatheredBytes: number;
  /** The header of a frame whose first bytes came at the end of a chunk, then the whole of a cut frame. */
  #gathered = Buffer.allocUnsafeSlow(FRAME_HEADER_BYTES);
  #gatheredBytes = 0;
  #wantedBytes = FRAME_HEADER_BYTES;
  /** Of the header that was read last. */
  #type = 0;
  #flags = 0;
  #streamId = 0;
  #length = 0;
  /** Left of a DATA frame's payload; its pad length, or -1 when it is the next byte. */
  #dataLeft = 0;
  #padBytes = 0;
  /** The stream whose header block is open; 0 when none is. */
  #openBlock = 0;
  #stopped = false;

  constructor(
    sink: FrameSink,
    options: {
      readonly maxFrameBytes?: number;
      /** The same for frames that are no DATA, whatever is allowed; by default there is no such limit. */
      readonly maxGatheredBytes?: number;
    } = {},
  ) {
    this.#sink = sink;
    this.#maxGatheredBytes = options.maxGatheredBytes ?? Number.POSITIVE_INFINITY;
    this.#maxFrameBytes = options.maxFrameBytes ?? DEFAULT_MAX_FRAME_BYTES;
  }

  /** Takes a new SETTINGS_MAX_FRAME_SIZE of the one who reads, when it is acknowledged. */
  allowFrames(maxFrameBytes: number): void {
    this.#maxFrameBytes = maxFrameBytes;
  }

  /** No DATA frame and no header block was given in part: only then may other frames be put in (RFC 9113 §4.1, §6.10). */
  get isAtBoundary(): boolean {
    return this.#dataLeft === 0 && this.#openBlock === 0;
  }

  /** A frame that is gathered, or a header block, is there in part. Cut DATA is not: its pieces were given. */
  get isWaiting(): boolean {
    return this.#gatheredBytes > 0 || this.#openBlock !== 0;
  }

  /** Gives no more frames, not even of the chunk that is being read. */
  stop(): void {
    this.#stopped = true;
    this.#gathered = EMPTY;
  }

  /**
   * Reads a chunk and gives what it completes.
   * @throws Http2Error `frame-size`, `frame-stream`, `frame-padding`, `continuation-expected`,
   * `continuation-unexpected`; the decoder is stopped then.
   */
  push(chunk: Buffer): void {
    try {
      let at = 0;
      while (at < chunk.length && !this.#stopped) {
        if (this.#dataLeft > 0) at = this.#data(chunk, at, { isFirst: false, start: at });
        else if (this.#gatheredBytes > 0) at = this.#gather(chunk, at);
        else at = this.#next(chunk, at);
      }
    } catch (error) {
      this.stop();
      throw error;
    }
  }

  /** A frame begins at `at`. Gives the offset behind what was taken. */
  #next(chunk: Buffer, at: number): number {
    if (chunk.length - at < FRAME_HEADER_BYTES) return this.#keep(chunk, at, FRAME_HEADER_BYTES);
    this.#readHeader(chunk, at);
    const payload = at + FRAME_HEADER_BYTES;
    if (this.#type === FrameType.data) return this.#beginData(chunk, at, payload);
    const end = payload + this.#length;
    if (end > chunk.length) return this.#keep(chunk, at, FRAME_HEADER_BYTES + this.#length);
    this.#give(chunk, at, end);
    return end;
  }

  #keep(chunk: Buffer, at: number, wantedBytes: number): number {
    this.#wantedBytes = wantedBytes;
    this.#gathered = Buffer.allocUnsafeSlow(wantedBytes);
    this.#gatheredBytes = chunk.copy(this.#gathered, 0, at);
    return chunk.length;
  }

  #gather(chunk: Buffer, from: number): number {
    const most = from + this.#wantedBytes - this.#gatheredBytes;
    const taken = chunk.copy(this.#gathered, this.#gatheredBytes, from, Math.min(chunk.length, most));
    const at = from + taken;
    this.#gatheredBytes += taken;
    if (this.#gatheredBytes < this.#wantedBytes) return at;
    const gathered = this.#gathered;
    if (this.#wantedBytes > FRAME_HEADER_BYTES) {
      this.#gatheredBytes = 0;
      this.#give(gathered, 0, gathered.length);
      return at;
    }
    this.#readHeader(gathered, 0);
    if (this.#type === FrameType.data) {
      this.#gatheredBytes = 0;
      this.#beginData(gathered, 0, FRAME_HEADER_BYTES);
    } else if (this.#length === 0) {
      this.#gatheredBytes = 0;
      this.#give(gathered, 0, FRAME_HEADER_BYTES);
    } else {
      this.#wantedBytes = FRAME_HEADER_BYTES + this.#length;
      this.#gathered = Buffer.allocUnsafeSlow(this.#wantedBytes);
      gathered.copy(this.#gathered);
    }
    return at;
  }

  #readHeader(bytes: Buffer, at: number): void {
    // The caller has checked that nine bytes are there.
    const length =
      ((bytes[at] as number) << 16) | ((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number);
    const type = bytes[at + 3] as number;
    const flags = bytes[at + 4] as number;
    const streamId = bytes.readUInt32BE(at + 5) & 0x7fffffff;
    if (this.#openBlock !== 0) {
      if (type !== FrameType.continuation || streamId !== this.#openBlock)
        throw new Http2Error("continuation-expected", `frame type ${type} inside a header block`);
    } else if (type === FrameType.continuation)
      throw new Http2Error("continuation-unexpected", "CONTINUATION without a header block");
    const most =
      type === FrameType.data ? this.#maxFrameBytes : Math.min(this.#maxFrameBytes, this.#maxGatheredBytes);
    if (length > most)
      throw new Http2Error("frame-size", `a payload of ${length} bytes where ${most} are allowed`);
    checkFrameShape({ type, flags, streamId, length });
    this.#type = type;
    this.#flags = flags;
    this.#streamId = streamId;
    this.#length = length;
  }

  #give(bytes: Buffer, start: number, end: number): void {
    if (opensBlock(this.#type))
      this.#openBlock = (this.#flags & FrameFlag.endHeaders) === 0 ? this.#streamId : 0;
    const frame = this.#frame;
    frame.type = this.#type;
    frame.flags = this.#flags;
    frame.streamId = this.#streamId;
    frame.bytes = bytes;
    frame.start = start;
    frame.payloadStart = start + FRAME_HEADER_BYTES;
    frame.end = end;
    this.#sink.onFrame(frame);
  }

  #beginData(bytes: Buffer, start: number, payloadStart: number): number {
    this.#dataLeft = this.#length;
    this.#padBytes = (this.#flags & FrameFlag.padded) === 0 ? 0 : -1;
    return this.#data(bytes, payloadStart, { isFirst: true, start });
  }

  /** Gives the piece of a DATA frame that is there: payload from `at`, and what stands before it from `start`. */
  #data(bytes: Buffer, at: number, from: { readonly isFirst: boolean; readonly start: number }): number {
    const end = Math.min(bytes.length, at + this.#dataLeft);
    let dataStart = at;
    if (this.#padBytes === -1 && end > at) {
      this.#padBytes = bytes[dataStart++] as number; // Below the end.
      if (this.#padBytes >= this.#length)
        throw new Http2Error("frame-padding", `${this.#padBytes} bytes of padding in ${this.#length}`);
    }
    this.#dataLeft -= end - at;
    const paddingHere = Math.max(0, this.#padBytes - this.#dataLeft);
    const piece = this.#piece;
    piece.streamId = this.#streamId;
    piece.flags = this.#flags;
    piece.payloadBytes = this.#length;
    piece.isFirst = from.isFirst;
    piece.isLast = this.#dataLeft === 0;
    piece.bytes = bytes;
    piece.start = from.start;
    piece.end = end;
    piece.dataEnd = Math.max(dataStart, end - paddingHere);
    piece.dataStart = dataStart;
    this.#sink.onData(piece);
    return end;
  }
}

function opensBlock(type: number): boolean {
  return type === FrameType.headers || type === FrameType.pushPromise || type === FrameType.continuation;
}
