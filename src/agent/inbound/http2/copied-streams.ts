import {
  type DataPiece,
  type DecodedBlock,
  FrameFlag,
  type HeaderBlock,
  HpackDecoder,
  MAX_HEADER_LIST_BYTES,
  MAX_TABLE_BYTES,
} from "../../../http/index.ts";
import { type Indexed, StreamIndex } from "../../../tunnel/index.ts";
import type { Copies } from "../copies/copies.ts";
import { encodeList, listOf } from "./header-list.ts";

/** A stream that somebody gets a copy of, until there is no more to be said of it. */
interface CopiedStream extends Indexed {
  readonly copies: Copies;
  /** RFC 9113 §8.5: what follows a 2xx is a tunnel, and no answer. */
  readonly isConnect: boolean;
  isRequestOver: boolean;
  answer: "due" | "over" | Copies;
}

const CUT = "the exchange ended before all was said";
const UNREADABLE = "its header block is too large to be copied, or cannot be read";

/**
 * Streams of one connection of which copies are made, whoever answers them. What passes is read here and never held up;
 * nothing is asked of a stream that is not copied but its number.
 */
export class CopiedStreams {
  readonly #streams = new StreamIndex<CopiedStream>();
  /** Reads the app's answers, from its first one on: later nobody can. */
  #answers: HpackDecoder | undefined;

  constructor(options: { readsAnswers: boolean }) {
    if (options.readsAnswers) this.#answers = new HpackDecoder({ maxListBytes: MAX_HEADER_LIST_BYTES });
  }

  /** Whether anything that passes is to be shown to it, apart from {@link answerBlock}. */
  get isEmpty(): boolean {
    return this.#streams.size === 0;
  }

  /** Whether every header block of the app is to be shown to {@link answerBlock}. */
  get readsAnswers(): boolean {
    return this.#answers !== undefined;
  }

  add(request: { streamId: number; copies: Copies; isWhole: boolean; isConnect: boolean }): void {
    const { streamId, copies, isWhole, isConnect } = request;
    const answer = copies.wantAnswer && this.readsAnswers ? "due" : "over";
    const stream: CopiedStream = {
      id: streamId,
      nextInBucket: undefined,
      copies,
      isConnect,
      isRequestOver: false,
      answer,
    };
    this.#streams.add(stream);
    if (isWhole) this.#requestOver(stream);
  }

  // --- what the client says ---

  requestData(piece: DataPiece): void {
    const stream = this.#streams.get(piece.streamId);
    if (stream === undefined || stream.isRequestOver) return;
    stream.copies.content(piece.bytes, piece.dataStart, piece.dataEnd);
    if (endsStream(piece)) this.#requestOver(stream);
  }

  requestTrailers(block: HeaderBlock, decoded: DecodedBlock): void {
    const stream = this.#streams.get(block.streamId);
    if (stream === undefined || stream.isRequestOver) return;
    if (decoded.isTooLarge || !block.endStream) stream.copies.cut(UNREADABLE);
    else stream.copies.trailers(encodeList(listOf(decoded)));
    this.#requestOver(stream);
  }

  /** The client has sent its last byte: a request that is not whole by now never will be. */
  clientEnded(): void {
    for (const stream of this.#streams.values()) {
      if (stream.isRequestOver) continue;
      stream.copies.cut(CUT);
      this.#requestOver(stream);
    }
  }

  // --- what the app says ---

  answerData(piece: DataPiece): void {
    const stream = this.#streams.get(piece.streamId);
    if (stream === undefined || typeof stream.answer === "string") return;
    stream.answer.content(piece.bytes, piece.dataStart, piece.dataEnd);
    if (endsStream(piece)) this.#answerOver(stream);
  }

  /** A header block of the app, in order, whatever stream it is of. */
  answerBlock({ streamId, promisedStreamId, block, endStream }: HeaderBlock): void {
    if (this.#answers === undefined) return;
    let decoded: DecodedBlock;
    try {
      decoded = this.#answers.decode(block);
    } catch {
      // The client will find the same fault; only the copies go without answers.
      this.#answers = undefined;
      for (const stream of this.#streams.values()) this.#answerCut(stream);
      return;
    }
    // A promise is no answer, and what is pushed was not asked for.
    const stream = promisedStreamId === 0 ? this.#streams.get(streamId) : undefined;
    if (stream === undefined || stream.answer === "over") return;
    if (decoded.isTooLarge) return this.#answerCut(stream);
    if (stream.answer === "due") this.#answerHead(stream, decoded, endStream);
    else stream.answer.trailers(encodeList(listOf(decoded)));
    if (endStream) this.#answerOver(stream);
  }

  /** The client's limit for the app's table holds from now on. */
  allowTable(bytes: number): void {
    this.#answers?.allowTable(Math.min(bytes, MAX_TABLE_BYTES));
  }

  // --- the ends ---

  /** Nothing more will be said of the stream: it was reset, or who answered it is done with it. */
  over(streamId: number): void {
    const stream = this.#streams.get(streamId);
    if (stream === undefined) return;
    if (!stream.isRequestOver) stream.copies.cut(CUT);
    if (typeof stream.answer !== "string") stream.answer.cut(CUT);
    this.#streams.delete(stream);
  }

  /** The connection is over, or nobody reads it any more. */
  end(): void {
    for (const { id } of this.#streams.values()) this.over(id);
  }

  #answerHead(stream: CopiedStream, decoded: DecodedBlock, endStream: boolean): void {
    const [status] = decoded.fields;
    if (status?.name !== ":status") return this.#answerCut(stream);
    // RFC 9113 §8.1: interim responses come before the final one.
    if (status.value.startsWith("1")) return;
    const isTunnel = stream.isConnect && status.value.startsWith("2");
    const answer = stream.copies.ofAnswer({
      kind: "http2",
      endsWithHead: endStream || isTunnel,
      head: () => encodeList(listOf(decoded)),
    });
    stream.answer = answer ?? "over";
    if (isTunnel || answer === undefined) this.#answerOver(stream);
  }

  #requestOver(stream: CopiedStream): void {
    stream.isRequestOver = true;
    stream.copies.end();
    if (stream.answer === "over") this.#streams.delete(stream);
  }

  #answerOver(stream: CopiedStream): void {
    if (typeof stream.answer !== "string") stream.answer.end();
    stream.answer = "over";
    if (stream.isRequestOver) this.#streams.delete(stream);
  }

  #answerCut(stream: CopiedStream): void {
    if (typeof stream.answer !== "string") stream.answer.cut(UNREADABLE);
    this.#answerOver(stream);
  }
}

function endsStream({ isLast, flags }: DataPiece): boolean {
  return isLast && (flags & FrameFlag.endStream) !== 0;
}
