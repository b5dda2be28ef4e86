import {
  ClientStreamIds,
  type HeaderBlock,
  HpackDecoder,
  MAX_HEADER_LIST_BYTES,
  MAX_TABLE_BYTES,
  peekStatus,
  StolenStreamIds,
} from "../../../http/index.ts";
import { type Indexed, StreamIndex } from "../../../tunnel/index.ts";
import type { Recording } from "../../trace/index.ts";
import { CopiedStreams } from "./copied-streams.ts";
import type { StolenHttp2Exchange } from "./stolen-http2-exchange.ts";

/** A stream that the original answers. */
interface ForwardedStream extends Indexed {
  readonly recording: Recording | undefined;
  status: number | null;
}

/** Who has which stream of one connection. */
export class StreamTable {
  readonly ids = new ClientStreamIds();
  /** For ever: see `StolenStreamIds`. */
  readonly stolenIds = new StolenStreamIds();
  readonly stolen = new StreamIndex<StolenHttp2Exchange>();
  readonly copied: CopiedStreams;
  readonly #forwarded = new StreamIndex<ForwardedStream>();
  /** Reads the original's answers, where somebody listens. */
  #answers: HpackDecoder | undefined;
  #highestForwarded = 0;

  /** `copiesAnswers` when somebody may want copies of what the app answers. */
  constructor(options: { readsAnswers: boolean; copiesAnswers?: boolean }) {
    this.copied = new CopiedStreams({ readsAnswers: options.copiesAnswers ?? false });
    if (options.readsAnswers) this.#answers = new HpackDecoder({ maxListBytes: MAX_HEADER_LIST_BYTES });
  }

  /** Nothing of such a stream is ever the original's to hear, or to say. */
  isStolen(streamId: number): boolean {
    return this.stolenIds.has(streamId) || this.stolen.get(streamId) !== undefined;
  }

  /** How many streams the original is to answer still. */
  get forwardedCount(): number {
    return this.#forwarded.size;
  }

  get forwardedIds(): readonly number[] {
    return this.#forwarded.values().map(({ id }) => id);
  }

  /** The highest stream that the original has heard of (RFC 9113 §5.1.1: lower ones that it has not are closed). */
  get highestForwarded(): number {
    return this.#highestForwarded;
  }

  isForwarded(streamId: number): boolean {
    return this.#forwarded.get(streamId) !== undefined;
  }

  forward(streamId: number, recording?: Recording): void {
    this.#forwarded.add({ id: streamId, nextInBucket: undefined, recording, status: null });
    this.#highestForwarded = Math.max(this.#highestForwarded, streamId);
  }

  /** A header block of the original, in order; `streamId` may be one that it pushes. */
  answer(block: HeaderBlock): void {
    const stream = this.#forwarded.get(block.streamId);
    if (stream?.status === null) this.#answered(stream, peekStatus(block.bytes, block.from, block.to));
    if (this.#answers !== undefined) this.#read(stream, block.block);
  }

  /** Nobody who listens: a status that can only be read with a table is not told, which costs nothing. */
  #answered(stream: ForwardedStream, status: number): void {
    if (status < 200) return;
    stream.status = status;
    stream.recording?.answered(status);
  }

  /** Content that went either way. */
  passed(streamId: number, way: "bytesIn" | "bytesOut", bytes: number): void {
    const recording = this.#forwarded.get(streamId)?.recording;
    if (recording !== undefined) recording[way] += bytes;
  }

  #read(stream: ForwardedStream | undefined, block: Buffer): void {
    if (this.#answers === undefined) return;
    try {
      const [status] = this.#answers.decode(block).fields;
      if (stream?.status === null && status?.name === ":status") this.#answered(stream, Number(status.value));
    } catch {
      // The client will find the same fault; only the trace goes without a status.
      this.#answers = undefined;
    }
  }

  /** The client's limit for the original's table holds from now on. */
  allowAnswersTable(bytes: number): void {
    this.copied.allowTable(bytes);
    this.#answers?.allowTable(Math.min(bytes, MAX_TABLE_BYTES));
  }

  /** The original has answered, or one side has reset the stream. */
  forwardedOver(streamId: number): void {
    const stream = this.#forwarded.get(streamId);
    if (stream === undefined) return;
    this.#forwarded.delete(stream);
    stream.recording?.finish(stream.status);
  }

  abandonForwarded(): void {
    for (const streamId of this.forwardedIds) {
      this.forwardedOver(streamId);
      this.copied.over(streamId);
    }
  }
}
