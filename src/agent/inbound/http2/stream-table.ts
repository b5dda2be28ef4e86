import {
  ClientStreamIds,
  HpackDecoder,
  MAX_HEADER_LIST_BYTES,
  MAX_TABLE_BYTES,
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

  /** Whether {@link answer} is to be told of the original's header blocks. */
  get readsAnswers(): boolean {
    return this.#answers !== undefined;
  }

  /** A header block of the original, in order; `streamId` may be one that it pushes. */
  answer(streamId: number, block: Buffer): void {
    if (this.#answers === undefined) return;
    try {
      const [status] = this.#answers.decode(block).fields;
      const stream = this.#forwarded.get(streamId);
      if (stream !== undefined && status?.name === ":status") stream.status = Number(status.value);
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
