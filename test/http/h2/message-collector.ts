import { createHash } from "node:crypto";
import {
  type DataPiece,
  type Frame,
  FrameDecoder,
  FrameFlag,
  FrameType,
  HeaderBlockAssembler,
  HpackDecoder,
} from "../../../src/http/index.ts";

/** What was read of one stream in one direction. */
export interface CollectedMessage {
  /** Names and values in turn. */
  fields: string[];
  trailers: string[];
  bodyBytes: number;
  bodyHash: string;
}

/** Reads one direction of a connection with our codecs, from its first frame on, and keeps what its streams said. */
export class MessageCollector {
  readonly messages = new Map<number, CollectedMessage>();
  /** Every frame that is not DATA, as its bytes, and DATA put together again: the input, when nothing was lost. */
  readonly bytes: Buffer[] = [];
  #acknowledgements = 0;
  readonly #decoder: FrameDecoder;
  readonly #assembler = new HeaderBlockAssembler({ maxBlockBytes: 1 << 20, maxContinuations: 100 });
  readonly #hpack = new HpackDecoder({ maxListBytes: 1 << 20 });
  readonly #hashes = new Map<number, ReturnType<typeof createHash>>();
  readonly #tables: readonly number[];

  /** @param tables what the SETTINGS of the other direction allow, in order: each holds from its acknowledgement on */
  constructor(tables: readonly number[]) {
    this.#tables = tables;
    this.#decoder = new FrameDecoder(
      { onFrame: (frame) => this.#frame(frame), onData: (piece) => this.#data(piece) },
      { maxFrameBytes: 16_384 },
    );
  }

  /** @throws Http2Error whatever the codecs find. */
  push(chunk: Buffer): void {
    this.#decoder.push(chunk);
  }

  get isAtBoundary(): boolean {
    return this.#decoder.isAtBoundary;
  }

  #frame(frame: Frame): void {
    this.bytes.push(Buffer.from(frame.bytes.subarray(frame.start, frame.end)));
    if (frame.type === FrameType.settings) return this.#onSettings(frame);
    if (frame.type !== FrameType.headers && frame.type !== FrameType.continuation) return;
    const headers = this.#assembler.add(frame);
    if (headers === undefined) return;
    const block = this.#hpack.decode(headers.block);
    const pairs = block.fields.flatMap((entry) => [entry.name, entry.value]);
    const known = this.messages.get(headers.streamId);
    if (known !== undefined) known.trailers = pairs;
    else {
      const hash = createHash("sha256");
      this.#hashes.set(headers.streamId, hash);
      this.messages.set(headers.streamId, { fields: pairs, trailers: [], bodyBytes: 0, bodyHash: "" });
    }
  }

  #onSettings(frame: Frame): void {
    if ((frame.flags & FrameFlag.ack) === 0) return;
    const table = this.#tables[this.#acknowledgements++];
    if (table !== undefined) this.#hpack.allowTable(table);
  }

  #data(piece: DataPiece): void {
    this.bytes.push(Buffer.from(piece.bytes.subarray(piece.start, piece.end)));
    const message = this.messages.get(piece.streamId);
    if (message === undefined) return;
    message.bodyBytes += piece.dataEnd - piece.dataStart;
    this.#hashes.get(piece.streamId)?.update(piece.bytes.subarray(piece.dataStart, piece.dataEnd));
  }

  /** Every stream, its body hashed. Ends the collector. */
  finish(): ReadonlyMap<number, CollectedMessage> {
    for (const [streamId, message] of this.messages)
      message.bodyHash = this.#hashes.get(streamId)?.digest("hex") ?? "";
    return this.messages;
  }
}
