import {
  decodeCredit,
  decodeGoaway,
  decodeReset,
  FrameDecoder,
  FrameType,
  type GoawayCode,
  ProtocolError,
} from "../protocol/index.ts";
import type { MuxedStream } from "./muxed-stream.ts";
import type { Outbound } from "./outbound.ts";
import type { RoundTrip } from "./round-trip.ts";
import type { StreamTable } from "./stream-table.ts";

export interface InboundOptions {
  readonly streams: StreamTable;
  readonly roundTrip: RoundTrip;
  readonly outbound: Outbound;
  readonly onMessage: (payload: Buffer) => void;
  /** @throws ProtocolError `bad-frame` for an id that may not be opened. */
  readonly onOpen: (streamId: number, opening: Buffer) => void;
  readonly onGoaway: (code: GoawayCode, text: string) => void;
  /** The peer broke a rule of the session; nothing is read any more. */
  readonly onBreach: (error: ProtocolError) => void;
}

/** Takes what arrives apart and brings each frame to whom it concerns. */
export class Inbound {
  readonly #options: InboundOptions;
  readonly #decoder = new FrameDecoder((type, streamId, payload) => this.#frame(type, streamId, payload));

  #streamFrames = 0;

  constructor(options: InboundOptions) {
    this.#options = options;
  }

  /** Frames received so far that say something on a stream. */
  get streamFrames(): number {
    return this.#streamFrames;
  }

  push(chunk: Buffer): void {
    try {
      this.#decoder.push(chunk);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.stop();
      this.#options.onBreach(error);
    }
  }

  /** Nothing more is brought to anybody, not even of the chunk that is being read. */
  stop(): void {
    this.#decoder.stop();
  }

  #frame(type: FrameType, streamId: number, payload: Buffer): void {
    switch (type) {
      case FrameType.data:
        this.#streamFrames += 1;
        return this.#stream(streamId)?.receiveData(payload);
      case FrameType.head:
        this.#streamFrames += 1;
        return this.#stream(streamId)?.receiveHead(payload);
      case FrameType.end:
        this.#streamFrames += 1;
        return this.#stream(streamId)?.receiveEnd();
      case FrameType.credit:
        return this.#stream(streamId)?.receiveCredit(decodeCredit(payload));
      case FrameType.reset: {
        const { code, text } = decodeReset(payload);
        return this.#stream(streamId)?.lose(code, text);
      }
      case FrameType.open:
        this.#streamFrames += 1;
        return this.#options.onOpen(streamId, payload);
      case FrameType.message:
        return this.#options.onMessage(payload);
      case FrameType.ping:
        this.#options.outbound.control(FrameType.pong, 0, payload);
        return;
      case FrameType.pong:
        return this.#options.roundTrip.pong(payload);
      case FrameType.goaway: {
        const { code, text } = decodeGoaway(payload);
        return this.#options.onGoaway(code, text);
      }
    }
  }

  /** The stream of an id; undefined when it is over, whose frames may still have been on their way. */
  #stream(id: number): MuxedStream | undefined {
    const stream = this.#options.streams.get(id);
    if (stream === undefined) this.#options.streams.checkPassed(id);
    return stream;
  }
}
