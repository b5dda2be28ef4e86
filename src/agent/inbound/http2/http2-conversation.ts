import {
  type DataPiece,
  type DecodedBlock,
  dataFrameHeader,
  encodePlain,
  goawayFrame,
  type HeaderBlock,
  type HeaderPair,
  headersFrames,
  Http2Error,
  http1RequestHead,
  type Http2RequestHead,
  InjectionLedger,
  MAX_FIELDS,
  MAX_HEAD_BYTES,
  pingFrame,
  readRequestHead,
  RfcErrorCode,
  rstStreamFrame,
  settingsAckFrame,
  settingsFrame,
  SettingId,
  SizeUpdateDebt,
  windowUpdateFrame,
} from "../../../http/index.ts";
import type { PortRoutes, Subscription } from "../../routing/index.ts";
import { type Link, Pause } from "../link.ts";
import { recordRequest } from "../record-request.ts";
import { ClientFrames, type ClientFrameEvents } from "./client-frames.ts";
import { ClientOutput } from "./client-output.ts";
import type { KeptRequest } from "./kept-request.ts";
import { OriginalFrames, type OriginalFrameEvents } from "./original-frames.ts";
import type { FrameSender } from "./response-queue.ts";
import { SettingsInFlight } from "./settings-in-flight.ts";
import { type ExchangeOwner, StolenHttp2Exchange } from "./stolen-http2-exchange.ts";
import { StreamTable } from "./stream-table.ts";

/** A client that has so many stolen streams open is refused more of them. */
const MAX_STOLEN_STREAMS = 1_024;
/** Of all stolen streams together, so much may wait for sessions; then the client is read no further. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;
/** Above this the original is read no further until the client has made room. */
const MAX_HELD_BYTES = 1024 * 1024;
const MAX_STREAM_ID = 0x7fffffff;
const MIN_CONCURRENT_STREAMS = 100;

/**
 * Where the original is.
 *
 * | state      | a request that is not stolen …                                     | leaves to          |
 * |------------|--------------------------------------------------------------------|--------------------|
 * | `there`    | goes to it                                                         | `leaving`, `gone`, `missing` |
 * | `leaving`  | goes to it; nothing is stolen any more, it has sent GOAWAY          | `gone`             |
 * | `gone`     | is ignored; the connection lives for its stolen streams only        | –                  |
 * | `missing`  | is refused: nobody listens there, and we are the server             | –                  |
 */
type OriginalState = "there" | "leaving" | "gone" | "missing";

/**
 * The streams of one HTTP/2 connection, each decided by itself.
 *
 * One client connection is one connection to the app: settings, pings and flow control go from end to end. Stolen
 * streams are taken out of it, and their answers are put in between the app's frames.
 */
export class Http2Conversation implements ClientFrameEvents, OriginalFrameEvents, ExchangeOwner, FrameSender {
  readonly #link: Link;
  readonly #table: StreamTable;
  readonly #output: ClientOutput;
  readonly #ledger = new InjectionLedger();
  readonly #debt = new SizeUpdateDebt();
  readonly #clientSettings = new SettingsInFlight("client");
  readonly #serverSettings = new SettingsInFlight("server");
  readonly #fromClient: ClientFrames;
  readonly #fromOriginal: OriginalFrames;
  readonly #awake = new Set<StolenHttp2Exchange>();
  #original: OriginalState = "there";
  #isOver = false;
  #isPumpDue = false;
  /** RFC 9113 §6.8: it never grows. */
  #goawayId = MAX_STREAM_ID;
  #connectionCreditBytes = 0;
  #waitingBytes = 0;
  #sendWindowBytes: number;
  #receiveWindowBytes: number;

  constructor(link: Link) {
    this.#link = link;
    this.#table = new StreamTable({ readsAnswers: link.trace.isHeard(link.original.port) });
    this.#output = new ClientOutput(link.client);
    const settings = { clientSettings: this.#clientSettings, serverSettings: this.#serverSettings };
    const common = { ...settings, events: this, table: this.#table };
    this.#sendWindowBytes = this.#clientSettings.windowRange.leastBytes;
    this.#receiveWindowBytes = this.#serverSettings.windowRange.mostBytes;
    this.#fromClient = new ClientFrames({
      ...common,
      send: (bytes, from, to) => {
        if (this.#original === "there" || this.#original === "leaving") link.toOriginal(bytes, from, to);
      },
    });
    this.#fromOriginal = new OriginalFrames({
      ...common,
      ledger: this.#ledger,
      debt: this.#debt,
      output: this.#output,
    });
  }

  /** No stream is under way. */
  get isIdle(): boolean {
    return this.#table.stolen.size === 0 && this.#table.forwardedCount === 0;
  }

  /** Whether the app's bytes may be read just now. */
  get takesOriginal(): boolean {
    return !this.#output.isSlow && this.#ledger.heldBytes < MAX_HELD_BYTES;
  }

  // --- what the connection tells ---

  /** Takes what the client sent: `bytes[0, length)`, valid during the call only. */
  clientBytes(bytes: Buffer, length: number): void {
    if (this.#isOver) return;
    try {
      this.#fromClient.push(bytes.subarray(0, length));
    } catch (error) {
      if (!(error instanceof Http2Error)) throw error;
      this.#clientFault(error);
    }
  }

  /** Takes what the app sent: `bytes[0, length)`, valid during the call only. Gives false when it is to be paused. */
  originalBytes(bytes: Buffer, length: number): boolean {
    if (this.#isOver || this.#original === "gone") return true;
    try {
      this.#fromOriginal.push(bytes.subarray(0, length));
    } catch (error) {
      if (!(error instanceof Http2Error)) throw error;
      this.#originalFault(error);
      return true;
    }
    if (this.#table.stolen.size > 0 || this.#awake.size > 0) this.#pumpSoon();
    return this.takesOriginal;
  }

  clientDrained(): void {
    this.#output.drained();
    this.#pump();
  }

  /** The client has sent its last byte. */
  clientEnded(): void {
    for (const exchange of [...this.#table.stolen.values()]) exchange.clientEnded();
    const held = this.#fromClient.takeHeld();
    if (held.length > 0) this.#link.toOriginal(held, 0, held.length);
    if (this.#original === "there" || this.#original === "leaving") this.#link.endOriginal();
    else if (this.#table.stolen.size === 0) this.#link.endClient();
  }

  /** The client is gone: whoever works for it is told at once. */
  clientGone(): void {
    this.#end();
  }

  /**
   * The app has sent its last byte. Gives whether the client should be told so now; else stolen streams are under way,
   * and the client's connection ends when they are over.
   */
  originalEnded(): boolean {
    if (this.#original === "gone") return false;
    if (this.#isOver) return true;
    const isCut = this.#table.stolen.size > 0;
    if (!isCut || !this.#output.isAtBoundary) {
      const held = this.#fromOriginal.takeHeld();
      if (held.length > 0) this.#link.client.write(held);
      this.#original = "leaving";
      // Inside a frame nothing can be said, and its end would not be one.
      if (isCut) this.#link.reset();
      return true;
    }
    this.#original = "gone";
    this.#link.resumeClient(Pause.original);
    for (const streamId of this.#table.forwardedIds) {
      this.#fromOriginal.held.drop(streamId);
      this.#output.inject(rstStreamFrame(streamId, RfcErrorCode.internalError));
    }
    this.#table.abandonForwarded();
    this.#sayGoaway(RfcErrorCode.noError);
    this.#pumpSoon();
    return false;
  }

  /** Nobody listens at the app's address: we are the server, for stolen streams. Gives false when there is none to be. */
  originalMissing(): boolean {
    if (this.#table.highestForwarded > 0 || this.#original === "gone") return false;
    this.#original = "missing";
    this.#touch();
    this.#output.begin();
    const limit = { id: SettingId.maxConcurrentStreams, value: MIN_CONCURRENT_STREAMS };
    this.#output.inject(settingsFrame([limit]));
    while (this.#clientSettings.count > 0) this.#acknowledgeClient();
    this.#moveWindows();
    this.#pump();
    return true;
  }

  /** Tells the client to go elsewhere; the connection is about to be closed. */
  sayGoodbye(): void {
    if (!this.#output.isAtBoundary) return;
    this.#sayGoaway(RfcErrorCode.noError);
    this.#output.flush();
  }

  /** Gives back what was held, for whoever reads the connection from now on. */
  takeHeld(): Buffer {
    return this.#fromClient.takeHeld();
  }

  // --- what the client's frames bring ---

  onRequest(block: HeaderBlock, decoded: DecodedBlock): "original" | "stolen" | "refused" {
    const { streamId } = block;
    // What came behind our GOAWAY was never looked at (RFC 9113 §6.8).
    if (this.#original === "gone") return "refused";
    const head = decoded.isTooLarge ? undefined : readRequestHead(decoded.fields);
    if (head === undefined || "malformed" in head) return this.#toOriginal(streamId);
    const routes = this.#link.routes();
    const chosen = this.#original === "leaving" ? undefined : routes?.decide(head);
    if (routes === undefined || chosen === undefined || !isStealable(head, block))
      return this.#toOriginal(streamId, { routes, head });
    if (this.#table.stolen.size >= MAX_STOLEN_STREAMS) {
      this.#touch();
      this.reset(streamId, RfcErrorCode.refusedStream);
      this.#pumpSoon();
      return "refused";
    }
    if (!this.#steal({ routes, chosen, head, block, decoded })) return this.#toOriginal(streamId);
    return "stolen";
  }

  onSettings(): void {
    this.#fromOriginal.allowFrames();
    if (this.#original === "missing") this.#acknowledgeClient();
    this.onSettingsAck();
  }

  onSettingsAck(): void {
    this.#moveWindows();
    this.#fromClient.allowFrames();
    this.#pumpSoon();
  }

  onPing(payload: Buffer): boolean {
    const isOurs = this.#table.stolen.size > 0 && this.#table.forwardedCount === 0;
    if (!isOurs && this.#original !== "missing" && this.#original !== "gone") return false;
    this.#output.inject(pingFrame(payload, { ack: true }));
    this.#pumpSoon();
    return true;
  }

  onConnectionWindow(bytes: number): number {
    const granted = this.#ledger.grant(bytes);
    if (!this.#fromOriginal.held.isEmpty) {
      this.#fromOriginal.held.release();
      if (this.takesOriginal) this.#link.resumeOriginal();
    }
    this.#pumpSoon();
    return granted;
  }

  onReset(streamId: number): void {
    this.#fromOriginal.held.drop(streamId);
    this.#table.forwardedOver(streamId);
    if (this.takesOriginal) this.#link.resumeOriginal();
  }

  onStreamError(error: Http2Error): void {
    this.#table.stolen.get(error.streamId)?.refuse(error.rfcCode, error.message);
  }

  onStolenData(piece: DataPiece): void {
    const exchange = this.#table.stolen.get(piece.streamId);
    if (exchange !== undefined) return exchange.requestData(piece);
    if (!piece.isFirst) return;
    if (piece.payloadBytes === 0) this.#fromClient.count("ignored");
    this.creditConnection(piece.payloadBytes);
  }

  // --- what the original's frames bring ---

  onGoaway(goaway: { lastStreamId: number; code: number }, frame: Buffer): Buffer {
    this.#original = "leaving";
    const { lastStreamId } = goaway;
    const highest = Math.max(0, ...this.#table.stolen.keys());
    this.#goawayId = Math.min(this.#goawayId, Math.max(lastStreamId, highest));
    if (highest <= lastStreamId) return frame;
    // The client would send again what a session may have acted on. What the app has not taken is told one by one.
    const refused = this.#table.forwardedIds.filter((id) => id > lastStreamId && id <= highest);
    const rewritten = Buffer.from(frame);
    rewritten.writeUInt32BE(highest, 9);
    for (const streamId of refused) this.#table.forwardedOver(streamId);
    return Buffer.concat([
      rewritten,
      ...refused.map((streamId) => rstStreamFrame(streamId, RfcErrorCode.refusedStream)),
    ]);
  }

  // --- what an exchange asks for ---

  wake(exchange: StolenHttp2Exchange): void {
    this.#awake.add(exchange);
    this.#pumpSoon();
  }

  creditConnection(bytes: number): void {
    this.#connectionCreditBytes += bytes;
    this.#pumpSoon();
  }

  waiting(bytes: number): void {
    this.#waitingBytes += bytes;
    if (this.#waitingBytes > MAX_WAITING_BYTES) this.#link.pauseClient(Pause.session);
    else if (bytes < 0) this.#link.resumeClient(Pause.session);
  }

  atClientBoundary(act: () => void): void {
    this.#fromClient.atBoundary(act);
  }

  giveToOriginal(exchange: StolenHttp2Exchange, kept: KeptRequest): boolean {
    const { streamId } = exchange;
    if (this.#isOver || this.#original !== "there" || streamId < this.#table.highestForwarded) return false;
    this.#table.stolenIds.remove(streamId);
    this.#table.forward(streamId);
    this.#fromClient.replay(streamId, kept);
    // Its credit was not used at the app: what the client was granted for it holds there, too.
    return true;
  }

  over(exchange: StolenHttp2Exchange): void {
    this.#awake.delete(exchange);
    this.#table.stolen.delete(exchange.streamId);
    if (this.#original === "gone" && this.#table.stolen.size === 0) this.#pumpSoon();
  }

  // --- frames for the client ---

  headers(streamId: number, pairs: readonly HeaderPair[], endStream: boolean): void {
    const sizeUpdateBytes = this.#debt.pay();
    const block = encodePlain(pairs, sizeUpdateBytes === undefined ? {} : { sizeUpdateBytes });
    this.#output.inject(headersFrames({ streamId, block, endStream }));
  }

  data(streamId: number, bytes: Buffer, isLast: boolean): number {
    const length = this.#ledger.borrow(bytes.length);
    if (length === 0 && bytes.length > 0) return 0;
    const endStream = isLast && length === bytes.length;
    this.#output.inject(dataFrameHeader({ streamId, length, endStream }));
    this.#output.inject(bytes.subarray(0, length));
    return length;
  }

  reset(streamId: number, code: RfcErrorCode): void {
    this.#output.inject(rstStreamFrame(streamId, code));
  }

  // --- the rest ---

  #toOriginal(
    streamId: number,
    known?: { routes: PortRoutes | undefined; head: Http2RequestHead },
  ): "original" | "refused" {
    if (this.#original === "missing") {
      if (this.#table.stolen.size === 0) this.#link.reset();
      else this.reset(streamId, RfcErrorCode.refusedStream);
      this.#pumpSoon();
      return "refused";
    }
    const recording =
      known === undefined ? undefined : recordRequest(this.#link, { ...known, chosen: undefined });
    this.#table.forward(streamId, recording);
    return "original";
  }

  #steal(request: {
    routes: PortRoutes;
    chosen: Subscription;
    head: Http2RequestHead;
    block: HeaderBlock;
    decoded: DecodedBlock;
  }): boolean {
    const { routes, chosen, head, block, decoded } = request;
    const { streamId } = block;
    const requestId = this.#link.trace.nextRequestId();
    const recording = recordRequest(this.#link, { routes, head, chosen, requestId });
    const exchange = new StolenHttp2Exchange({
      owner: this,
      link: this.#link,
      subscription: chosen,
      streamId,
      request: head,
      kept: {
        head: decoded.fields.map(({ name, value }) => [name, value]),
        neverIndexed: neverIndexedNames(decoded),
        body: [],
        trailers: undefined,
        isWhole: block.endStream,
      },
      recording,
      requestId,
      sendWindowBytes: this.#sendWindowBytes,
      receiveWindowBytes: this.#receiveWindowBytes,
    });
    if (!exchange.begin()) return false;
    this.#touch();
    this.#table.stolen.set(streamId, exchange);
    return true;
  }

  #touch(): void {
    this.#fromClient.touch();
    this.#fromOriginal.touch();
  }

  /** Lower windows hold on sight, larger ones when both ends know of them (RFC 9113 §6.9.2). */
  #moveWindows(): void {
    const send = this.#clientSettings.windowRange.leastBytes;
    const receive = this.#serverSettings.windowRange.mostBytes;
    for (const exchange of this.#table.stolen.values()) {
      exchange.window.shift(send - this.#sendWindowBytes);
      exchange.received.shift(receive - this.#receiveWindowBytes);
      if (send > this.#sendWindowBytes) this.#awake.add(exchange);
    }
    this.#sendWindowBytes = send;
    this.#receiveWindowBytes = receive;
  }

  #acknowledgeClient(): void {
    this.#output.inject(settingsAckFrame());
    for (const { id, value } of this.#clientSettings.acknowledge())
      if (id === SettingId.headerTableSize) this.#debt.allowTable(value);
  }

  #sayGoaway(code: RfcErrorCode, debugData = ""): void {
    this.#goawayId = Math.min(this.#goawayId, this.#table.ids.highest);
    this.#output.inject(goawayFrame({ lastStreamId: this.#goawayId, code, debugData }));
  }

  #pumpSoon(): void {
    if (this.#isPumpDue) return;
    this.#isPumpDue = true;
    // Behind all that one read brings, so that frames which belong together leave in one write.
    queueMicrotask(() => {
      this.#isPumpDue = false;
      this.#pump();
    });
  }

  #pump(): void {
    if (this.#isOver) return;
    this.#giveCredit();
    let moved = true;
    while (moved && this.#output.mayInject) {
      moved = false;
      for (const exchange of this.#awake) {
        if (!this.#output.mayInject) break;
        if (exchange.sendOne(this)) moved = true;
      }
    }
    this.#output.flush();
    if (this.#original === "gone" && this.#table.stolen.size === 0) {
      this.#end();
      this.#link.endClient();
    }
  }

  #giveCredit(): void {
    if (this.#connectionCreditBytes > 0)
      this.#output.inject(windowUpdateFrame(0, this.#connectionCreditBytes));
    this.#connectionCreditBytes = 0;
    for (const exchange of this.#awake) {
      const bytes = exchange.takeGrant();
      if (bytes > 0) this.#output.inject(windowUpdateFrame(exchange.streamId, bytes));
    }
  }

  /** Before the first stolen stream the app judges its client; then there is nobody but us who can. */
  #clientFault(error: Http2Error): void {
    if (this.#fromClient.isUntouched) {
      this.#letOriginalGo();
      this.#table.abandonForwarded();
      this.#isOver = true;
      return this.#link.becomeOpaque(`ambiguous-request: ${error.code}`);
    }
    if (!this.#output.hasBegun) {
      // RFC 9113 §3.4: SETTINGS come first, and the app's will not come any more.
      this.#output.begin();
      this.#output.inject(settingsFrame([]));
    }
    if (this.#output.isAtBoundary) {
      for (const streamId of this.#table.stolen.keys()) this.reset(streamId, error.rfcCode);
      this.#sayGoaway(error.rfcCode, error.message);
      this.#output.flush();
    }
    this.#end();
    this.#link.endClient();
  }

  #originalFault(error: Http2Error): void {
    if (this.#fromClient.isUntouched) {
      this.#letOriginalGo();
      this.#table.abandonForwarded();
      this.#isOver = true;
      return this.#link.becomeOpaque(`ambiguous-response: ${error.code}`);
    }
    this.#end();
    this.#link.reset();
  }

  #letOriginalGo(): void {
    const held = this.#fromOriginal.takeHeld();
    if (held.length > 0) this.#link.client.write(held);
    this.#fromOriginal.stop();
    this.#fromClient.stop();
  }

  /** Ends every stream; nothing is read any more. */
  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const exchange of [...this.#table.stolen.values()]) exchange.clientGone();
    this.#table.abandonForwarded();
    this.#fromClient.stop();
    this.#fromOriginal.stop();
  }
}

/** What HTTP/1.1 can say, in the bounds that its reader has. Tunnels are the app's. */
function isStealable(head: Http2RequestHead, block: HeaderBlock): boolean {
  if (head.method === "CONNECT" || head.fields.count > MAX_FIELDS - 8) return false;
  // RFC 9113 §8.1.1: a body that is announced and not there; the app will refuse it.
  if (block.endStream && (head.contentLength ?? 0) > 0) return false;
  return http1RequestHead(head, { hasBody: !block.endStream }).length <= MAX_HEAD_BYTES;
}

function neverIndexedNames(block: DecodedBlock): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { kind, entry } of block.representations)
    if (kind === "never-indexed" && entry !== undefined) names.add(entry.name);
  return names;
}
