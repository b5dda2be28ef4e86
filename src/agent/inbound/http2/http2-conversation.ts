import {
  type DataPiece,
  type DecodedBlock,
  type HeaderBlock,
  Http2Error,
  type Http2RequestHead,
  InjectionLedger,
  pingFrame,
  readRequestHead,
  RfcErrorCode,
  type Setting,
  settingsFrame,
  SizeUpdateDebt,
} from "../../../http/index.ts";
import type { PortRoutes } from "../../routing/index.ts";
import type { Recording } from "../../trace/index.ts";
import type { Link, OpaqueReason } from "../link.ts";
import { recordRequest } from "../record-request.ts";
import { MAX_HEAD_MS, SlowHead } from "../slow-head.ts";
import { ClientFrames, type ClientFrameEvents } from "./client-frames.ts";
import { ClientOutput } from "./client-output.ts";
import { Farewell } from "./farewell.ts";
import { listOf } from "./header-list.ts";
import { InjectedFrames } from "./injected-frames.ts";
import type { KeptRequest } from "./kept-request.ts";
import { OriginalFrames, type OriginalFrameEvents } from "./original-frames.ts";
import { allowTable, OriginalPresence } from "./original-presence.ts";
import { SettingsInFlight } from "./settings-in-flight.ts";
import { StolenStreams, type StolenStreamsEvents } from "./stolen-streams.ts";
import { StreamTable } from "./stream-table.ts";

/** Above this the original is read no further until the client has made room. */
const MAX_HELD_BYTES = 1024 * 1024;
/** Frames of ours that a client may leave unread while it goes on asking for more: 60,000 answers to PING. */
const MAX_UNSENT_BYTES = 1024 * 1024;
/** Streams of the app that are followed at a time. Servers take 100 to 1,000, and none is known to take so many. */
const MAX_FORWARDED_STREAMS = 32_768;
/** So long a frame or a header block may be on its way where we are the ones who judge it. nginx waits 60 s, Apache 20 s. */
const MAX_JUDGED_HEAD_MS = 30_000;

/** A request of HTTP/1.1 that made its connection one of HTTP/2 (RFC 7540 §3.2): stream 1, which the app answers. */
export interface Http2Upgrade {
  /** What HTTP2-Settings said; the app has acknowledged it by its 101. */
  readonly settings: readonly Setting[];
  readonly recording: Recording | undefined;
}

/**
 * The streams of one HTTP/2 connection, each decided by itself.
 *
 * One client connection is one connection to the app: settings, pings and flow control go from end to end. Stolen
 * streams are taken out of it, and their answers are put in between the app's frames.
 */
export class Http2Conversation implements ClientFrameEvents, OriginalFrameEvents, StolenStreamsEvents {
  readonly #link: Link;
  readonly #table: StreamTable;
  readonly #output: ClientOutput;
  readonly #frames: InjectedFrames;
  readonly #farewell: Farewell;
  readonly #ledger = new InjectionLedger();
  readonly #debt = new SizeUpdateDebt();
  readonly #clientSettings = new SettingsInFlight("client");
  readonly #serverSettings = new SettingsInFlight("server");
  readonly #fromClient: ClientFrames;
  readonly #fromOriginal: OriginalFrames;
  readonly #stolen: StolenStreams;
  readonly #slowHead: SlowHead;
  readonly #original: OriginalPresence;
  #isOver = false;
  #isClientEnded = false;

  /** @throws Http2Error when the settings of an upgrade are none */
  constructor(link: Link, upgrade?: Http2Upgrade) {
    this.#link = link;
    this.#table = new StreamTable({ readsAnswers: link.trace.isHeard(link.original.port) });
    this.#output = new ClientOutput(link.client);
    const [table, output, ledger, debt] = [this.#table, this.#output, this.#ledger, this.#debt];
    if (upgrade !== undefined) this.#assume(upgrade);
    const settings = { clientSettings: this.#clientSettings, serverSettings: this.#serverSettings };
    const common = { ...settings, events: this, table };
    this.#frames = new InjectedFrames({ output, ledger, debt });
    this.#farewell = new Farewell({ output, table });
    this.#fromClient = new ClientFrames({
      ...common,
      checksPreface: upgrade !== undefined,
      send: (bytes, from, to) => {
        if (this.#original.isListening) link.toOriginal(bytes, from, to);
      },
    });
    this.#fromOriginal = new OriginalFrames({ ...common, ledger, debt, output });
    this.#fromOriginal.allowFrames();
    this.#stolen = new StolenStreams({ ...common, link, output, frames: this.#frames });
    this.#original = new OriginalPresence({
      ...{ link, table, output, debt, clientSettings: this.#clientSettings },
      ...{ farewell: this.#farewell, stolen: this.#stolen },
      ...{ fromClient: this.#fromClient, fromOriginal: this.#fromOriginal },
    });
    this.#slowHead = new SlowHead({
      isPaused: () => link.isClientPaused,
      onLate: () => this.#headLate(),
    });
  }

  /** No stream is under way. */
  get isIdle(): boolean {
    return this.#stolen.count === 0 && this.#table.forwardedCount === 0;
  }

  /** Whether the app's bytes may be read just now. */
  get takesOriginal(): boolean {
    return !this.#output.isSlow && this.#fromOriginal.held.bytes < MAX_HELD_BYTES;
  }

  // --- what the connection tells ---

  /** Takes what the client sent: `bytes[0, length)`, valid during the call only. */
  clientBytes(bytes: Buffer, length: number): void {
    if (this.#isOver) return;
    try {
      this.#fromClient.push(bytes.subarray(0, length));
      if (this.#output.unsentBytes > MAX_UNSENT_BYTES)
        throw new Http2Error("flood", "answers that nobody reads");
    } catch (error) {
      if (!(error instanceof Http2Error)) throw error;
      this.#clientFault(error);
    }
    this.#watchHead();
  }

  /** Takes what the app sent: `bytes[0, length)`, valid during the call only. Gives false when it is to be paused. */
  originalBytes(bytes: Buffer, length: number): boolean {
    if (this.#isOver || !this.#original.isListening) return true;
    try {
      this.#fromOriginal.push(bytes.subarray(0, length));
    } catch (error) {
      if (!(error instanceof Http2Error)) throw error;
      this.#originalFault(error);
      return true;
    }
    if (this.#stolen.count > 0) this.#stolen.pumpSoon();
    return this.takesOriginal;
  }

  clientDrained(): void {
    this.#output.drained();
    this.#stolen.pump();
  }

  /** The client has sent its last byte. */
  clientEnded(): void {
    this.#isClientEnded = true;
    for (const exchange of [...this.#table.stolen.values()]) exchange.clientEnded();
    const held = this.#fromClient.takeHeld();
    if (held.length > 0) this.#link.toOriginal(held, 0, held.length);
    if (this.#original.isListening) this.#link.endOriginal();
    else if (this.#stolen.count === 0) this.#link.endClient();
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
    return this.#isOver && this.#original.isListening ? true : this.#original.ended();
  }

  /** Nobody listens at the app's address: we are the server, for stolen streams. Gives false when there is none to be. */
  originalMissing(): boolean {
    return this.#original.missing();
  }

  /** The agent wants to go: streams that are under way may end, new ones go elsewhere. */
  drain(): void {
    if (this.#isOver || this.#original.state === "gone") return;
    this.#touch();
    this.#farewell.begin(() => this.#stolen.pump());
    this.#stolen.pumpSoon();
  }

  /** Tells the client to go elsewhere; the connection is about to be closed. */
  sayGoodbye(): void {
    if (!this.#output.isAtBoundary) return;
    this.#farewell.say(RfcErrorCode.noError);
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
    if (this.#original.state === "gone" || this.#farewell.isSaid) return "refused";
    const head = decoded.isTooLarge ? undefined : readRequestHead(decoded.fields);
    if (head === undefined || "malformed" in head) return this.#toOriginal(streamId);
    const routes = this.#link.routes();
    const chosen = this.#original.state === "leaving" ? undefined : routes?.decide(head);
    if (routes === undefined || chosen?.readsHttp2 !== true || isUnending(head, block))
      return this.#toOriginal(streamId, { routes, head });
    if (!this.#stolen.hasRoomFor(decoded.listBytes)) {
      this.#touch();
      this.#fromClient.count("reset");
      return this.#refuse(streamId);
    }
    const kept = { head: listOf(decoded), body: [], trailers: undefined, isWhole: block.endStream };
    if (!this.#stolen.begin({ routes, chosen, head, headBytes: decoded.listBytes, streamId, kept }))
      return this.#toOriginal(streamId, { routes, head });
    this.#touch();
    this.#original.expectSettings();
    return "stolen";
  }

  onSettings(): void {
    this.#fromOriginal.allowFrames();
    if (this.#original.state === "missing") this.#original.acknowledge();
    this.onSettingsAck();
  }

  onSettingsAck(): void {
    this.#stolen.moveWindows();
    this.#fromClient.allowFrames();
    this.#stolen.pumpSoon();
  }

  onPing(payload: Buffer): boolean {
    const isOurs = this.#stolen.count > 0 && this.#table.forwardedCount === 0;
    if (!isOurs && this.#original.isListening) return false;
    this.#output.inject(pingFrame(payload, { ack: true }));
    this.#stolen.pumpSoon();
    return true;
  }

  onConnectionWindow(bytes: number): number {
    const granted = this.#ledger.grant(bytes);
    if (!this.#fromOriginal.held.isEmpty) {
      this.#fromOriginal.held.release();
      if (this.takesOriginal) this.#link.resumeOriginal();
    }
    this.#stolen.pumpSoon();
    return granted;
  }

  onTooLarge(streamId: number): void {
    this.#frames.reset(streamId, RfcErrorCode.enhanceYourCalm);
    this.#stolen.pumpSoon();
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
    this.#fromClient.count("ignored");
    this.#stolen.creditConnection(piece.payloadBytes);
  }

  // --- what the original's frames bring ---

  onGoaway(goaway: { lastStreamId: number; code: number }, frame: Buffer): Buffer {
    this.#original.leaves();
    return this.#farewell.pass(goaway.lastStreamId, frame);
  }

  // --- what stolen streams ask for ---

  atClientBoundary(act: () => void): void {
    this.#fromClient.atBoundary(act);
  }

  replay(streamId: number, kept: KeptRequest): boolean {
    if (this.#isOver || this.#original.state !== "there" || this.#farewell.isSaid) return false;
    this.#fromClient.replay(streamId, kept);
    return true;
  }

  onPumped(): void {
    const { state } = this.#original;
    const isLeft = state === "gone" || (state === "missing" && this.#isClientEnded);
    if (!isLeft || this.#stolen.count > 0 || this.#isOver) return;
    this.#end();
    this.#link.endClient();
  }

  // --- the rest ---

  #toOriginal(
    streamId: number,
    known?: { routes: PortRoutes | undefined; head: Http2RequestHead },
  ): "original" | "refused" {
    if (this.#original.state === "missing") {
      if (this.#stolen.count > 0) return this.#refuse(streamId);
      this.#link.reset();
      return "refused";
    }
    if (this.#table.forwardedCount >= MAX_FORWARDED_STREAMS)
      throw new Http2Error("flood", "more streams than are followed");
    const recording =
      known === undefined ? undefined : recordRequest(this.#link, { ...known, chosen: undefined });
    this.#table.forward(streamId, recording);
    return "original";
  }

  #refuse(streamId: number): "refused" {
    this.#touch();
    this.#frames.reset(streamId, RfcErrorCode.refusedStream);
    this.#stolen.pumpSoon();
    return "refused";
  }

  #touch(): void {
    this.#fromClient.touch();
    this.#fromOriginal.touch();
  }

  /** What the client said in HTTP/1.1, with its request as stream 1 (RFC 7540 §3.2.1). */
  #assume({ settings, recording }: Http2Upgrade): void {
    this.#clientSettings.assume(settings);
    allowTable(settings, { debt: this.#debt, table: this.#table });
    this.#table.ids.open(1);
    this.#table.forward(1, recording);
  }

  /** Before the first stolen stream the app judges its client; then there is nobody but us who can. */
  #clientFault(error: Http2Error): void {
    if (this.#fromClient.isUntouched) return this.#letOriginalGo(`ambiguous-request: ${error.code}`);
    if (!this.#output.hasBegun) {
      // RFC 9113 §3.4: SETTINGS come first, and the app's will not come any more.
      this.#output.begin();
      this.#output.inject(settingsFrame([]));
    }
    if (this.#output.isAtBoundary) {
      for (const streamId of this.#table.stolen.keys()) this.#frames.reset(streamId, error.rfcCode);
      this.#farewell.say(error.rfcCode, error.message);
      this.#output.flush();
    }
    this.#end();
    this.#link.endClient();
  }

  #originalFault(error: Http2Error): void {
    if (this.#original.isReplaceable) return this.#original.replace();
    if (this.#fromClient.isUntouched) return this.#letOriginalGo(`ambiguous-response: ${error.code}`);
    this.#end();
    this.#link.reset();
  }

  /** What comes in pieces is the app's to wait for, while it is the one who judges. */
  #watchHead(): void {
    if (this.#isOver) return this.#slowHead.stop();
    if (!this.#fromClient.isWaiting) return this.#slowHead.end();
    if (this.#fromClient.hasMoved) this.#slowHead.end();
    if (!this.#fromClient.isUntouched) this.#slowHead.begin(MAX_JUDGED_HEAD_MS);
    else if (this.#link.routes()?.unfiltered === undefined) this.#slowHead.begin(MAX_HEAD_MS);
  }

  #headLate(): void {
    if (this.#fromClient.isUntouched) this.#letOriginalGo("slow-head");
    else this.#clientFault(new Http2Error("flood", "a frame or a header block that does not end"));
  }

  #letOriginalGo(reason: OpaqueReason): void {
    const held = this.#fromOriginal.takeHeld();
    if (held.length > 0) this.#link.client.write(held);
    this.#fromOriginal.stop();
    this.#fromClient.stop();
    this.#table.abandonForwarded();
    this.#isOver = true;
    this.#slowHead.stop();
    this.#original.stop();
    this.#farewell.stop();
    this.#link.becomeOpaque(reason);
  }

  /** Ends every stream; nothing is read any more. */
  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#slowHead.stop();
    this.#original.stop();
    this.#farewell.stop();
    this.#stolen.end();
    this.#table.abandonForwarded();
    this.#fromClient.stop();
    this.#fromOriginal.stop();
  }
}

/** RFC 9113 §8.1.1: a body that is announced and not there; the app will refuse it. */
function isUnending(head: Http2RequestHead, block: HeaderBlock): boolean {
  return block.endStream && (head.contentLength ?? 0) > 0 && head.method !== "CONNECT";
}
