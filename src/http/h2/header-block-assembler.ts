import { Http2Error } from "./errors.ts";
import { type Frame, FrameFlag, FrameType } from "./frame.ts";

/** Bounds of one header block. */
export interface HeaderBlockLimits {
  /** Of all fragments together, as they came: compressed. */
  readonly maxBlockBytes: number;
  readonly maxContinuations: number;
}

/** A header block that is whole: what HPACK reads, and the frames it came in. */
export interface HeaderBlock {
  readonly streamId: number;
  /** PUSH_PROMISE: the stream that is promised; 0 for HEADERS. */
  readonly promisedStreamId: number;
  readonly endStream: boolean;
  /** Without padding and priority. */
  readonly block: Buffer;
  /** The very frames, to pass on untouched. As `block` they may be views of the chunk that is being read. */
  readonly frames: readonly Buffer[];
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
      this.#keep(frame, { from: frame.payloadStart, to: frame.end });
      return isWhole ? this.#finish(frame.streamId) : undefined;
    }
    this.#endStream = frame.type === FrameType.headers && (frame.flags & FrameFlag.endStream) !== 0;
    this.#promisedStreamId = 0;
    this.#keep(frame, this.#openingFragment(frame));
    return isWhole ? this.#finish(frame.streamId) : undefined;
  }

  /** RFC 9113 §6.2 and §6.6: what is left of the payload without padding, priority and promised id. */
  #openingFragment(frame: Frame): { from: number; to: number } {
    let from = frame.payloadStart;
    let to = frame.end;
    if ((frame.flags & FrameFlag.padded) !== 0) to -= frame.bytes[from++] as number; // Lengths were checked, as below.
    if (frame.type === FrameType.pushPromise) {
      this.#promisedStreamId = frame.bytes.readUInt32BE(from) & 0x7fffffff;
      from += 4;
    } else if ((frame.flags & FrameFlag.priority) !== 0) from += 5;
    if (from > to) throw new Http2Error("frame-padding", "more padding than payload");
    return { from, to };
  }

  #keep(frame: Frame, { from, to }: { from: number; to: number }): void {
    this.#bytes += to - from;
    if (this.#bytes > this.#limits.maxBlockBytes)
      throw new Http2Error("continuation-flood", `a header block above ${this.#limits.maxBlockBytes} bytes`);
    const view = frame.bytes.subarray(frame.start, frame.end);
    const isOne = this.#frames.length === 0 && (frame.flags & FrameFlag.endHeaders) !== 0;
    // A block that goes on outlives the chunk, which may be a read buffer that is used again.
    const kept = isOne ? view : Buffer.from(view);
    this.#frames.push(kept);
    this.#fragments.push(kept.subarray(from - frame.start, to - frame.start));
  }

  #finish(streamId: number): HeaderBlock {
    const [first] = this.#fragments;
    const isOne = this.#fragments.length === 1 && first !== undefined;
    const block = isOne ? first : Buffer.concat(this.#fragments, this.#bytes);
    const whole: HeaderBlock = {
      streamId,
      promisedStreamId: this.#promisedStreamId,
      endStream: this.#endStream,
      block,
      frames: this.#frames,
    };
    this.#fragments = [];
    this.#frames = [];
    this.#bytes = 0;
    this.#continuations = 0;
    return whole;
  }
}
