import {
  type DataPiece,
  type DecodedBlock,
  type HeaderBlock,
  Http2Error,
  InjectionLedger,
  pingFrame,
  RfcErrorCode,
  type Setting,
  SizeUpdateDebt,
} from "../../../http/index.ts";
import type { Recording } from "../../trace/index.ts";
import type { Link } from "../link.ts";
import { ClientFrames, type ClientFrameEvents } from "./client-frames.ts";
import { ClientOutput } from "./client-output.ts";
import { ConversationEnd } from "./conversation-end.ts";
import { Farewell } from "./farewell.ts";
import { InjectedFrames } from "./injected-frames.ts";
import type { KeptRequest } from "./kept-request.ts";
import { OriginalFrames, type OriginalFrameEvents } from "./original-frames.ts";
import { allowTable, OriginalPresence } from "./original-presence.ts";
import { RequestRouter } from "./request-router.ts";
import { SettingsInFlight } from "./settings-in-flight.ts";
import { StolenStreams, type StolenStreamsEvents } from "./stolen-streams.ts";
import { StreamTable } from "./stream-table.ts";

/** Above this the original is read no further until the client has made room. */
const MAX_HELD_BYTES = 1024 * 1024;
/** Frames of ours that a client may leave unread while it goes on asking for more: 60,000 answers to PING. */
const MAX_UNSENT_BYTES = 1024 * 1024;

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
  readonly #original: OriginalPresence;
  readonly #requests: RequestRouter;
  readonly #end: ConversationEnd;
  #isClientEnded = false;

  /** @throws Http2Error when the settings of an upgrade are none */
  constructor(link: Link, upgrade?: Http2Upgrade) {
    this.#link = link;
    this.#table = new StreamTable({
      readsAnswers: link.trace.isHeard(link.original.port),
      copiesAnswers: link.routes()?.mirrors?.wantAnswers === true,
    });
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
    const [farewell, stolen] = [this.#farewell, this.#stolen];
    const parts = { link, table, output, debt, farewell, stolen, clientSettings: this.#clientSettings };
    const [frames, fromClient, fromOriginal] = [this.#frames, this.#fromClient, this.#fromOriginal];
    this.#original = new OriginalPresence({ ...parts, fromClient, fromOriginal });
    const all = { ...parts, frames, fromClient, fromOriginal, original: this.#original };
    this.#requests = new RequestRouter(all);
    this.#end = new ConversationEnd(all);
  }

  /** No stream is under way. */
  get isIdle(): boolean {
    return this.#stolen.count === 0 && this.#table.forwardedCount === 0;
  }

  /** The client has been told which of its streams are the last that are taken. */
  get isWarned(): boolean {
    return this.#farewell.isSaid;
  }

  /** Whether the app's bytes may be read just now. */
  get takesOriginal(): boolean {
    return !this.#output.isSlow && this.#fromOriginal.held.bytes < MAX_HELD_BYTES;
  }

  // --- what the connection tells ---

  /** Takes what the client sent: `bytes[0, length)`, valid during the call only. */
  clientBytes(bytes: Buffer, length: number): void {
    if (this.#end.isOver) return;
    try {
      this.#fromClient.push(bytes.subarray(0, length));
      if (this.#output.unsentBytes > MAX_UNSENT_BYTES)
        throw new Http2Error("flood", "answers that nobody reads");
    } catch (error) {
      if (!(error instanceof Http2Error)) throw error;
      this.#end.clientFault(error);
    }
    this.#end.watchHead();
  }

  /** Takes what the app sent: `bytes[0, length)`, valid during the call only. Gives false when it is to be paused. */
  originalBytes(bytes: Buffer, length: number): boolean {
    if (this.#end.isOver || !this.#original.isListening) return true;
    try {
      this.#fromOriginal.push(bytes.subarray(0, length));
    } catch (error) {
      if (!(error instanceof Http2Error)) throw error;
      this.#end.originalFault(error);
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
    for (const exchange of this.#table.stolen.values()) exchange.clientEnded();
    this.#table.copied.clientEnded();
    const held = this.#fromClient.takeHeld();
    if (held.length > 0) this.#link.toOriginal(held, 0, held.length);
    if (this.#original.isListening) this.#link.endOriginal();
    else if (this.#stolen.count === 0) this.#link.endClient();
  }

  /** The client is gone: whoever works for it is told at once. */
  clientGone(): void {
    this.#end.end();
  }

  /**
   * The app has sent its last byte. Gives whether the client should be told so now; else stolen streams are under way,
   * and the client's connection ends when they are over.
   */
  originalEnded(): boolean {
    return this.#end.isOver && this.#original.isListening ? true : this.#original.ended();
  }

  /** Nobody listens at the app's address: we are the server, for stolen streams. Gives false when there is none to be. */
  originalMissing(): boolean {
    return this.#original.missing();
  }

  /** The agent wants to go: streams that are under way may end, new ones go elsewhere. */
  drain(): void {
    if (this.#end.isOver || this.#original.state === "gone") return;
    this.#requests.touch();
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
    return this.#requests.route(block, decoded);
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
    this.#table.copied.over(streamId);
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
    if (this.#end.isOver || this.#original.state !== "there" || this.#farewell.isSaid) return false;
    this.#fromClient.replay(streamId, kept);
    return true;
  }

  onPumped(): void {
    const { state } = this.#original;
    const isLeft = state === "gone" || (state === "missing" && this.#isClientEnded);
    if (!isLeft || this.#stolen.count > 0 || this.#end.isOver) return;
    this.#end.end();
    this.#link.endClient();
  }

  // --- the rest ---

  /** What the client said in HTTP/1.1, with its request as stream 1 (RFC 7540 §3.2.1). */
  #assume({ settings, recording }: Http2Upgrade): void {
    this.#clientSettings.assume(settings);
    allowTable(settings, { debt: this.#debt, table: this.#table });
    this.#table.ids.open(1);
    this.#table.forward(1, recording);
  }
}
