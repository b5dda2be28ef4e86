import {
  dataFrameHeader,
  type DecodedBlock,
  FlowWindow,
  headersFrames,
  RfcErrorCode,
  rstStreamFrame,
  windowUpdateFrame,
} from "../../../http/index.ts";

/** Who uses a stream. Nothing is told after one of the last four, nor after its own `reset`. */
export interface Http2StreamUser {
  /** Its turn has come: nothing of it was sent yet, and it must now send its head. */
  onTurn(peer: { readonly takesExtendedConnect: boolean }): void;
  onHead(block: DecodedBlock, endsStream: boolean): void;
  /** Give its length to `consumed` when it is used up. */
  onData(slice: Buffer): void;
  onEnd(): void;
  /** The program has reset the stream with this code (RFC 9113 §7), or we did for a breach of its own. */
  onReset(code: number, text: string): void;
  /** The program says that it has done nothing for it (RFC 9113 §8.7). */
  onUnprocessed(): void;
  /** The connection is gone, or never was one of HTTP/2: `how` says which. */
  onLost(how: LostHow, text: string): void;
}

/**
 * - `refused`: nobody could be dialled;
 * - `stranger`: what was dialled speaks no HTTP/2, and has got nothing but our preface;
 * - `closed`: it closed with this stream under way.
 */
export type LostHow = "refused" | "stranger" | "closed";

/** What a stream needs of its connection. */
export interface Http2StreamHost {
  readonly maxFrameBytes: number;
  readonly window: FlowWindow;
  /** `onTaken` when the kernel has taken the bytes, or never will. */
  write(bytes: readonly Buffer[], onTaken?: () => void): void;
  /** It has something to send and no room in the connection's window. */
  waitForWindow(stream: LocalHttp2Stream): void;
  creditConnection(bytes: number): void;
  /** Both directions are over. */
  forget(stream: LocalHttp2Stream): void;
  /** A size update that the next block must begin with. */
  prefixOfBlock(): Buffer | undefined;
}

/** What the program may send on a stream before it is read: the tunnel's own window, so neither waits for the other. */
export const STREAM_WINDOW_BYTES = 256 * 1024;

interface Piece {
  readonly bytes: Buffer;
  readonly onTaken: () => void;
}

/**
 * One request to the local program in HTTP/2 (RFC 9113 §5.1).
 *
 * States: waiting → open → over; while it is open each direction ends for itself. What the windows do not let through is
 * held: its owner gives no credit for it, so that the tunnel's window bounds it.
 */
export class LocalHttp2Stream {
  readonly user: Http2StreamUser;
  readonly #host: Http2StreamHost;
  #state: "waiting" | "open" | "over" = "waiting";
  #id = 0;
  #sendWindow = new FlowWindow({ bytes: 0, streamId: 0 });
  #receiveWindow = new FlowWindow({ bytes: STREAM_WINDOW_BYTES, streamId: 0 });
  readonly #pieces: Piece[] = [];
  /** How far the first piece has been sent. */
  #sentOfFirst = 0;
  #sending: "head" | "open" | "ending" | "ended" = "head";
  #trailers: Buffer | undefined;
  #isReceivingEnded = false;
  /** Given to its user, and not consumed yet. */
  #unreadBytes = 0;
  #owedBytes = 0;

  constructor(host: Http2StreamHost, user: Http2StreamUser) {
    this.#host = host;
    this.user = user;
  }

  get id(): number {
    return this.#id;
  }

  get isOver(): boolean {
    return this.#state === "over";
  }

  /** Whether the program has said all. */
  get isReceivingEnded(): boolean {
    return this.#isReceivingEnded;
  }

  // --- what the connection tells ---

  /** Its turn: it gets its id when the head is sent. */
  begin(about: { id: number; windowBytes: number; takesExtendedConnect: boolean }): void {
    this.#state = "open";
    this.#id = about.id;
    this.#sendWindow = new FlowWindow({ bytes: about.windowBytes, streamId: about.id });
    this.#receiveWindow = new FlowWindow({ bytes: STREAM_WINDOW_BYTES, streamId: about.id });
    this.user.onTurn({ takesExtendedConnect: about.takesExtendedConnect });
  }

  receiveHead(block: DecodedBlock, endsStream: boolean): void {
    this.user.onHead(block, endsStream);
    if (endsStream) this.#receiveEnd();
  }

  /** @throws Http2Error `window-exceeded` */
  receiveData(
    slice: Buffer,
    about: { countedBytes: number; paddingBytes: number; endsStream: boolean },
  ): void {
    this.#receiveWindow.receive(about.countedBytes);
    this.#unreadBytes += slice.length + about.paddingBytes;
    if (about.paddingBytes > 0) this.consumed(about.paddingBytes);
    if (slice.length > 0) this.user.onData(slice);
    if (about.endsStream) this.#receiveEnd();
  }

  receiveReset(code: number): void {
    if (this.#state !== "open") return;
    // RFC 9113 §8.1: after a whole answer it only says that it does not want the rest of the request.
    const isAnswered = this.#isReceivingEnded && code === RfcErrorCode.noError;
    this.#over();
    if (isAnswered) return;
    if (code === RfcErrorCode.refusedStream) this.user.onUnprocessed();
    else this.user.onReset(code, "");
  }

  /** The program broke a rule on this stream. */
  breach(code: RfcErrorCode, text: string): void {
    if (this.#state === "over") return;
    this.reset(code);
    this.user.onReset(code, text);
  }

  grant(bytes: number): void {
    this.#sendWindow.grant(bytes);
    this.#flush();
  }

  shiftWindow(deltaBytes: number): void {
    this.#sendWindow.shift(deltaBytes);
    this.#flush();
  }

  unprocessed(): void {
    if (this.#over()) this.user.onUnprocessed();
  }

  lose(how: LostHow, text: string): void {
    if (this.#over()) this.user.onLost(how, text);
  }

  // --- what its user does ---

  /** Sends the head of the request, a header block that needs no table. */
  sendHead(block: Buffer, { endsStream }: { endsStream: boolean }): void {
    if (this.#state !== "open") return;
    this.#sending = endsStream ? "ended" : "open";
    this.#sendBlock(block, endsStream);
  }

  /** Sends content; `onTaken` when the kernel has it, or nobody ever will. */
  sendData(bytes: Buffer, onTaken: () => void): void {
    if (this.#state !== "open" || this.#sending !== "open") return onTaken();
    this.#pieces.push({ bytes, onTaken });
    this.#flush();
  }

  /** Says that the request is whole, with its trailers if there are any. */
  end(trailers?: Buffer): void {
    if (this.#state !== "open" || this.#sending !== "open") return;
    this.#sending = "ending";
    this.#trailers = trailers;
    this.#flush();
  }

  /** Ends both directions at once. Safe at any time. */
  reset(code: RfcErrorCode): void {
    // Without a head the program knows nothing of it (RFC 9113 §5.1: it is idle).
    const isKnown = this.#state === "open" && this.#sending !== "head";
    // First, since the next stream that waits for its turn begins at once: it would be one too many.
    if (isKnown) this.#host.write([rstStreamFrame(this.#id, code)]);
    this.#over();
  }

  /** Lets the program send so much more. */
  consumed(bytes: number): void {
    if (this.#state === "over") return; // All was given back then.
    this.#unreadBytes -= bytes;
    this.#host.creditConnection(bytes);
    if (this.#isReceivingEnded) return;
    this.#owedBytes += bytes;
    if (this.#owedBytes < STREAM_WINDOW_BYTES / 4) return;
    this.#host.write([windowUpdateFrame(this.#id, this.#owedBytes)]);
    this.#receiveWindow.grant(this.#owedBytes);
    this.#owedBytes = 0;
  }

  /** There is room in the connection's window: sends one frame, and gives whether there is more to send. */
  proceed(): boolean {
    if (this.#sendFrame()) return true;
    this.#finishSending();
    return false;
  }

  /** Sends at most one frame of content; gives whether it could send more. */
  #sendFrame(): boolean {
    const piece = this.#pieces[0];
    if (piece === undefined || this.#state !== "open") return false;
    const wanted = Math.min(piece.bytes.length - this.#sentOfFirst, this.#host.maxFrameBytes);
    const length = Math.min(wanted, Math.max(0, this.#sendWindow.bytes));
    if (length === 0 && wanted > 0) return false;
    if (this.#host.window.bytes <= 0 && wanted > 0) {
      this.#host.waitForWindow(this);
      return false;
    }
    const allowed = this.#host.window.takeUpTo(length);
    this.#sendWindow.takeUpTo(allowed);
    const from = this.#sentOfFirst;
    this.#sentOfFirst += allowed;
    const isTaken = this.#sentOfFirst === piece.bytes.length;
    if (isTaken) {
      this.#pieces.shift();
      this.#sentOfFirst = 0;
    }
    const endStream = this.#pieces.length === 0 && this.#sending === "ending" && this.#trailers === undefined;
    if (endStream) this.#sending = "ended";
    const header = dataFrameHeader({ streamId: this.#id, length: allowed, endStream });
    this.#host.write(
      [header, piece.bytes.subarray(from, from + allowed)],
      isTaken ? piece.onTaken : undefined,
    );
    this.#settle();
    return this.#pieces.length > 0;
  }

  #flush(): void {
    while (this.#sendFrame()); // One frame each.
    this.#finishSending();
  }

  #finishSending(): void {
    if (this.#pieces.length > 0 || this.#sending !== "ending" || this.#state !== "open") return;
    this.#sending = "ended";
    if (this.#trailers !== undefined) this.#sendBlock(this.#trailers, true);
    else this.#host.write([dataFrameHeader({ streamId: this.#id, length: 0, endStream: true })]);
    this.#settle();
  }

  #sendBlock(block: Buffer, endStream: boolean): void {
    const prefix = this.#host.prefixOfBlock();
    const whole = prefix === undefined ? block : Buffer.concat([prefix, block]);
    const { maxFrameBytes } = this.#host;
    this.#host.write([headersFrames({ streamId: this.#id, block: whole, endStream, maxFrameBytes })]);
  }

  #receiveEnd(): void {
    if (this.#state !== "open") return; // Its user has reset it for what came with the end.
    this.#isReceivingEnded = true;
    this.user.onEnd();
    this.#settle();
  }

  #settle(): void {
    if (this.#isReceivingEnded && this.#sending === "ended") this.#over();
  }

  #over(): boolean {
    if (this.#state === "over") return false;
    this.#state = "over";
    // Their owner counts them, whatever became of them.
    for (const { onTaken } of this.#pieces.splice(0)) onTaken();
    // What nobody will read must not be missing from the window that other streams share.
    this.#host.creditConnection(this.#unreadBytes);
    this.#host.forget(this);
    return true;
  }
}
