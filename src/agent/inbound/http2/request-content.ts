import { type DataPiece, FlowWindow, FrameFlag, Http2Error } from "../../../http/index.ts";
import { encodeStreamHead } from "../../../protocol/index.ts";
import type { TunnelStream } from "../../../tunnel/index.ts";
import { encodeList, type HeaderList } from "./header-list.ts";
import type { KeptRequest } from "./kept-request.ts";

/** Who gives the client its credit back. */
export interface CreditGiver {
  /** DATA of the client is counted as read: the connection's window is given back. */
  creditConnection(bytes: number): void;
  /** So many bytes more, or less, wait for a session. Gives whether there is room for them. */
  waiting(bytes: number): boolean;
  /** There is credit of the stream to be taken. */
  wake(): void;
}

/** What a piece of DATA costs to keep beside its bytes: some clients send one byte at a time. */
const PIECE_OVERHEAD_BYTES = 128;

/**
 * What the client sends on a stolen stream behind its head, and the credit it gets for it.
 *
 * The connection's window is given back at once, since other streams need it, and the stream's as the session takes the
 * bytes. While the request is kept for the app neither is: the app is to count it, too.
 */
export class RequestContent {
  readonly #streamId: number;
  /** What the client may still send on this stream. */
  readonly #window: FlowWindow;
  readonly #credit: CreditGiver;
  readonly #announcedBytes: number | undefined;
  #stream: TunnelStream | undefined;
  #kept: KeptRequest | undefined;
  /** `offered` until somebody has it, `done` when nobody wants it any more. */
  #state: "offered" | "taken" | "done" = "offered";
  #isEnded: boolean;
  #isStreamSlow = false;
  #bytes = 0;
  /** Not given back to the client yet, of its stream and of the connection. */
  #owedStreamBytes = 0;
  #owedConnectionBytes = 0;
  #grantBytes = 0;
  /** As {@link CreditGiver.waiting} was told. */
  #waitingBytes = 0;

  constructor(options: {
    streamId: number;
    windowBytes: number;
    credit: CreditGiver;
    /** As Content-Length says; what follows CONNECT has none. */
    announcedBytes: number | undefined;
    kept: KeptRequest;
  }) {
    this.#streamId = options.streamId;
    this.#window = new FlowWindow({ bytes: options.windowBytes, streamId: options.streamId });
    this.#credit = options.credit;
    this.#announcedBytes = options.announcedBytes;
    this.#kept = options.kept;
    this.#isEnded = options.kept.isWhole;
  }

  /** The client has ended its side of the stream. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  get hasBytes(): boolean {
    return this.#bytes > 0;
  }

  /** From now on what comes is for this stream. */
  begin(stream: TunnelStream): void {
    this.#stream = stream;
    if (this.#isEnded) stream.end();
  }

  /** @throws Http2Error of this stream: `window-exceeded`, `flood`, `idle-stream` for content that is not as announced */
  data(piece: DataPiece): void {
    const streamId = this.#streamId;
    if (piece.isFirst) {
      if (this.#isEnded) throw new Http2Error("idle-stream", "DATA behind END_STREAM", { streamId });
      this.#window.receive(piece.payloadBytes);
      this.#owedStreamBytes += piece.payloadBytes;
      this.#owedConnectionBytes += piece.payloadBytes;
      this.#wait(piece.payloadBytes);
    }
    if (piece.payloadBytes > 0) this.#wait(PIECE_OVERHEAD_BYTES);
    if (piece.dataEnd > piece.dataStart)
      this.#take(Buffer.from(piece.bytes.subarray(piece.dataStart, piece.dataEnd)));
    if (piece.isLast && (piece.flags & FrameFlag.endStream) !== 0) this.#end(undefined);
    this.#giveBack();
  }

  /** @throws Http2Error of this stream */
  trailers(list: HeaderList, endStream: boolean): void {
    const streamId = this.#streamId;
    if (this.#isEnded || !endStream)
      throw new Http2Error("stream-id", "HEADERS that are no trailers", { streamId });
    this.#end(list);
    this.#giveBack();
  }

  drained(): void {
    this.#isStreamSlow = false;
    this.#giveBack();
  }

  /** The session has taken the request: the app cannot have it any more. */
  taken(): void {
    this.#state = "taken";
    this.#kept = undefined;
    this.#giveBack();
  }

  /** Others need the connection's window more than this request needs the app. */
  keepNoLonger(): void {
    this.#kept = undefined;
    this.#giveBack();
  }

  /** Gives what the app would need, if it is still there, and forgets it. */
  takeKept(): KeptRequest | undefined {
    const kept = this.#kept;
    this.#kept = undefined;
    return kept;
  }

  /** The app gets it after all: both windows count what it is sent, and nothing is given back. */
  handOver(): void {
    this.#owedConnectionBytes = 0;
    this.#grantBytes = 0;
    this.done();
  }

  /** Takes the credit that the client is to be given for its stream. */
  takeGrant(): number {
    const bytes = this.#grantBytes;
    this.#grantBytes = 0;
    if (bytes > 0) this.#window.grant(bytes);
    return this.#isEnded || this.#state === "done" ? 0 : bytes;
  }

  /** The settings of the one who receives have changed. @throws Http2Error `window-overflow` */
  shift(deltaBytes: number): void {
    this.#window.shift(deltaBytes);
  }

  /** Nobody wants more of it. */
  done(): void {
    this.#state = "done";
    this.#kept = undefined;
    this.#waitNoMore();
    this.#owedStreamBytes = 0;
    this.#giveConnectionBack();
  }

  /** @throws Http2Error `flood` of this stream */
  #wait(bytes: number): void {
    this.#waitingBytes += bytes;
    if (this.#credit.waiting(bytes)) return;
    const text = "more waits for the session than there is room for";
    throw new Http2Error("flood", text, { streamId: this.#streamId });
  }

  #waitNoMore(): void {
    this.#credit.waiting(-this.#waitingBytes);
    this.#waitingBytes = 0;
  }

  #take(bytes: Buffer): void {
    this.#bytes += bytes.length;
    if (this.#announcedBytes !== undefined && this.#bytes > this.#announcedBytes) throw this.#differs();
    this.#kept?.body.push(bytes);
    if (this.#stream?.write(bytes) === false) this.#isStreamSlow = true;
  }

  #end(trailers: HeaderList | undefined): void {
    if (this.#announcedBytes !== undefined && this.#bytes !== this.#announcedBytes) throw this.#differs();
    this.#isEnded = true;
    if (this.#kept !== undefined) {
      this.#kept.isWhole = true;
      this.#kept.trailers = trailers;
    }
    if (trailers !== undefined) this.#stream?.sendHead(encodeStreamHead("trailers", encodeList(trailers)));
    this.#stream?.end();
  }

  #differs(): Http2Error {
    const streamId = this.#streamId;
    return new Http2Error("idle-stream", "RFC 9113 §8.1.1: not the announced length", { streamId });
  }

  #giveBack(): void {
    if (this.#state === "offered" && this.#kept !== undefined) return;
    this.#giveConnectionBack();
    if (this.#state === "offered" || (this.#isStreamSlow && this.#state !== "done")) return;
    const bytes = this.#owedStreamBytes;
    if (bytes === 0) return;
    this.#owedStreamBytes = 0;
    this.#waitNoMore();
    this.#grantBytes += bytes;
    this.#credit.wake();
  }

  #giveConnectionBack(): void {
    if (this.#owedConnectionBytes > 0) this.#credit.creditConnection(this.#owedConnectionBytes);
    this.#owedConnectionBytes = 0;
  }
}
