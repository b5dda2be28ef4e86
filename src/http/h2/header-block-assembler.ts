import { Http2Error } from "./errors.ts";
import { type Frame, FrameFlag, FrameType } from "./frame.ts";

/** Bounds of one header block. */
export interface HeaderBlockLimits {
  /** Of all fragments together, as they came: compressed. */
  readonly maxBlockBytes: number;
  readonly maxContinuations: number;
}

/**
 * A header block that is whole: what HPACK reads, and the frames it came in. That of a single frame lies in the chunk that
 * is being read, and views of it are made only when somebody asks.
 */
export class HeaderBlock {
  readonly streamId: number;
  /** PUSH_PROMISE: the stream that is promised; 0 for HEADERS. */
  readonly promisedStreamId: number;
  readonly endStream: boolean;
  /** The block is `bytes[from, to)`, without padding and priority. */
  readonly bytes: Buffer;
  readonly from: number;
  readonly to: number;
  /** Undefined when the only frame is `bytes[start, end)`. */
  readonly #frames: readonly Buffer[] | undefined;
  readonly #start: number;
  readonly #end: number;

  constructor(
    about: { readonly streamId: number; readonly promisedStreamId: number; readonly endStream: boolean },
    block: { readonly bytes: Buffer; readonly from: number; readonly to: number },
    frames: readonly Buffer[] | { readonly start: number; readonly end: number },
  ) {
    this.streamId = about.streamId;
    this.promisedStreamId = about.promisedStreamId;
    this.endStream = about.endStream;
    this.bytes = block.bytes;
    this.from = block.from;
    this.to = block.to;
    const isOne = "start" in frames;
    this.#frames = isOne ? undefined : frames;
    this.#start = isOne ? frames.start : 0;
    this.#end = isOne ? frames.end : 0;
  }

  /** A view of the block alone. */
  get block(): Buffer {
    return this.bytes.subarray(this.from, this.to);
  }

  /** Views of the very frames. */
  get frames(): readonly Buffer[] {
    return this.#frames ?? [this.bytes.subarray(this.#start, this.#end)];
  }

  /** Gives the very frames in order, to pass on untouched. */
  eachFrame(take: (bytes: Buffer, from: number, to: number) => void): void {
    if (this.#frames === undefined) take(this.bytes, this.#start, this.#end);
    else for (const frame of this.#frames) take(frame, 0, frame.length);
  }

  /** The same, with bytes of its own that outlive the chunk. */
  copy(): HeaderBlock {
    const bytes = Buffer.from(this.block);
    const frames = this.frames.map((frame) => Buffer.from(frame));
    return new HeaderBlock(this, { bytes, from: 0, to: bytes.length }, frames);
  }
}

/**
 * Puts a header block together from HEADERS or PUSH_PROMISE and its CONTINUATIONs (RFC 9113 §6.10), in bounds: a block
 * that never ends is refused as soon as it is above one of them (CVE-2024-27316). The frame decoder has made sure of
 * the order.
 */
export class HeaderBlockAssembler {
  readonly #limits: HeaderBlockLimits;
  #fragments: Buffer[] = [];
  #frames: Buffer[] = [];
  #bytes = 0;
  #continuations = 0;
  #endStream = false;
  #promisedStreamId = 0;

  constructor(limits: HeaderBlockLimits) {
    this.#limits = limits;
  }

  /**
   * Takes the next frame of a block; gives the block with its last one.
   * @throws Http2Error `frame-padding`, `continuation-flood`.
   */
  add(frame: Frame): HeaderBlock | undefined {
    const isWhole = (frame.flags & FrameFlag.endHeaders) !== 0;
    if (frame.type === FrameType.continuation) {
      if (++this.#continuations > this.#limits.maxContinuations)
        throw new Http2Error(
          "continuation-flood",
          `more than ${this.#limits.maxContinuations} CONTINUATIONs`,
        );
      this.#count(frame.end - frame.payloadStart);
      this.#keep(frame, frame.payloadStart, frame.end);
      return isWhole ? this.#finish(frame.streamId) : undefined;
    }
    this.#endStream = frame.type === FrameType.headers && (frame.flags & FrameFlag.endStream) !== 0;
    this.#promisedStreamId = 0;
    // RFC 9113 §6.2 and §6.6: what is left of the payload without padding, priority and promised id.
    let from = frame.payloadStart;
    let to = frame.end;
    if ((frame.flags & FrameFlag.padded) !== 0) to -= frame.bytes[from++] as number; // Lengths were checked, as below.
    if (frame.type === FrameType.pushPromise) {
      this.#promisedStreamId = frame.bytes.readUInt32BE(from) & 0x7fffffff;
      from += 4;
    } else if ((frame.flags & FrameFlag.priority) !== 0) from += 5;
    if (from > to) throw new Http2Error("frame-padding", "more padding than payload");
    this.#count(to - from);
    if (isWhole) return this.#finishOne(frame, from, to);
    this.#keep(frame, from, to);
    return undefined;
  }

  #count(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > this.#limits.maxBlockBytes)
      throw new Http2Error("continuation-flood", `a header block above ${this.#limits.maxBlockBytes} bytes`);
  }

  /** A block that goes on outlives the chunk, which may be a read buffer that is used again. */
  #keep(frame: Frame, from: number, to: number): void {
    const kept = Buffer.from(frame.bytes.subarray(frame.start, frame.end));
    this.#frames.push(kept);
    this.#fragments.push(kept.subarray(from - frame.start, to - frame.start));
  }

  #finishOne(frame: Frame, from: number, to: number): HeaderBlock {
    this.#bytes = 0;
    this.#continuations = 0;
    return new HeaderBlock(this.#about(frame.streamId), { bytes: frame.bytes, from, to }, frame);
  }

  #finish(streamId: number): HeaderBlock {
    const bytes = Buffer.concat(this.#fragments, this.#bytes);
    const block = { bytes, from: 0, to: bytes.length };
    const whole = new HeaderBlock(this.#about(streamId), block, this.#frames);
    this.#fragments = [];
    this.#frames = [];
    this.#bytes = 0;
    this.#continuations = 0;
    return whole;
  }

  #about(streamId: number): { streamId: number; promisedStreamId: number; endStream: boolean } {
    return { streamId, promisedStreamId: this.#promisedStreamId, endStream: this.#endStream };
  }
}
