import type { Http2RequestHead } from "../../../http/index.ts";
import type { PortRoutes, Subscription } from "../../routing/index.ts";
import type { Recording } from "../../trace/index.ts";
import type { Link } from "../link.ts";
import { recordRequest } from "../record-request.ts";
import type { ClientOutput } from "./client-output.ts";
import type { InjectedFrames } from "./injected-frames.ts";
import type { KeptRequest } from "./kept-request.ts";
import type { SettingsInFlight } from "./settings-in-flight.ts";
import { type ExchangeOwner, StolenHttp2Exchange } from "./stolen-http2-exchange.ts";
import type { StreamTable } from "./stream-table.ts";

/** A client that has so many stolen streams open is refused more of them. */
const MAX_STOLEN_STREAMS = 1_024;
/** Heads of all stolen streams that are under way, as RFC 9113 §6.5.2 counts them: HPACK makes large ones cheap to send. */
const MAX_HEAD_BYTES = 4 * 1024 * 1024;

/** What the stolen streams of a connection need of the rest of it. */
export interface StolenStreamsEvents {
  /** Acts when no DATA frame of the client is half read. */
  atClientBoundary(act: () => void): void;
  /** A request is about to go to the app after all. Gives false when the app can have it no more. */
  replay(streamId: number, kept: KeptRequest): boolean;
  /** All that could be sent was. */
  onPumped(): void;
}

/** The stolen streams of one connection: whose turn it is to send, and the credit they give and get. */
export class StolenStreams implements ExchangeOwner {
  readonly #link: Link;
  readonly #events: StolenStreamsEvents;
  readonly #table: StreamTable;
  readonly #output: ClientOutput;
  readonly #frames: InjectedFrames;
  readonly #clientSettings: SettingsInFlight;
  readonly #serverSettings: SettingsInFlight;
  /**
   * Those that have something for the client, or may have. An array, since a `Set` that members come to and leave is as
   * bad for the collector as a `Map`: see `StreamIndex`.
   */
  #awake: StolenHttp2Exchange[] = [];
  #isPumpDue = false;
  #isOver = false;
  #connectionCreditBytes = 0;
  #headBytes = 0;
  #sendWindowBytes: number;
  #receiveWindowBytes: number;

  constructor(parts: {
    link: Link;
    events: StolenStreamsEvents;
    table: StreamTable;
    output: ClientOutput;
    frames: InjectedFrames;
    clientSettings: SettingsInFlight;
    serverSettings: SettingsInFlight;
  }) {
    this.#link = parts.link;
    this.#events = parts.events;
    this.#table = parts.table;
    this.#output = parts.output;
    this.#frames = parts.frames;
    this.#clientSettings = parts.clientSettings;
    this.#serverSettings = parts.serverSettings;
    this.#sendWindowBytes = this.#clientSettings.windowRange.leastBytes;
    this.#receiveWindowBytes = this.#serverSettings.windowRange.mostBytes;
  }

  get count(): number {
    return this.#table.stolen.size;
  }

  /** Whether one more, with a head of this size, would not be too many. */
  hasRoomFor(headBytes: number): boolean {
    return this.count < MAX_STOLEN_STREAMS && this.#headBytes + headBytes <= MAX_HEAD_BYTES;
  }

  /** Offers a request to a session. Gives what is remembered of it, or undefined when that session is over. */
  begin(request: {
    routes: PortRoutes;
    chosen: Subscription;
    head: Http2RequestHead;
    headBytes: number;
    streamId: number;
    kept: KeptRequest;
  }): Recording | undefined {
    const { routes, chosen, head, headBytes, streamId, kept } = request;
    const link = this.#link;
    const recording = recordRequest(link, { routes, head, chosen, headBytes });
    const exchange = new StolenHttp2Exchange({
      owner: this,
      link,
      subscription: chosen,
      recording,
      requestId: recording?.requestId ?? "",
      streamId,
      request: head,
      headBytes,
      kept,
      sendWindowBytes: this.#sendWindowBytes,
      receiveWindowBytes: this.#receiveWindowBytes,
    });
    if (!exchange.begin()) {
      recording?.withdraw();
      return undefined;
    }
    this.#table.stolen.add(exchange);
    this.#headBytes += headBytes;
    return recording;
  }

  /** Lower windows hold on sight, larger ones when both ends know of them (RFC 9113 §6.9.2). */
  moveWindows(): void {
    const send = this.#clientSettings.windowRange.leastBytes;
    const receive = this.#serverSettings.windowRange.mostBytes;
    const sendBytes = send - this.#sendWindowBytes;
    const receiveBytes = receive - this.#receiveWindowBytes;
    if (sendBytes === 0 && receiveBytes === 0) return;
    for (const exchange of this.#table.stolen.values()) {
      exchange.shiftWindows({ sendBytes, receiveBytes });
      if (sendBytes > 0) this.#rouse(exchange);
    }
    this.#sendWindowBytes = send;
    this.#receiveWindowBytes = receive;
  }

  /** The client is gone. */
  end(): void {
    this.#isOver = true;
    for (const exchange of this.#table.stolen.values()) exchange.clientGone();
  }

  // --- turns ---

  pumpSoon(): void {
    if (this.#isPumpDue) return;
    this.#isPumpDue = true;
    // Behind all that one read brings, so that frames which belong together leave in one write.
    queueMicrotask(() => {
      this.#isPumpDue = false;
      this.pump();
    });
  }

  pump(): void {
    if (this.#isOver) return;
    this.#giveCredit();
    let moved = true;
    while (moved && this.#output.mayInject) {
      moved = false;
      for (const exchange of this.#awake) {
        if (!this.#output.mayInject) break;
        if (exchange.sendOne(this.#frames)) moved = true;
      }
    }
    this.#letSleep();
    this.#output.flush();
    this.#events.onPumped();
  }

  #rouse(exchange: StolenHttp2Exchange): void {
    if (exchange.isAwake) return;
    exchange.isAwake = true;
    this.#awake.push(exchange);
  }

  /** Who has said all there is to say is not asked again before it calls. */
  #letSleep(): void {
    let count = 0;
    for (const exchange of this.#awake)
      if (exchange.hasMore) this.#awake[count++] = exchange;
      else exchange.isAwake = false;
    this.#awake.length = count;
  }

  #giveCredit(): void {
    this.#frames.credit(0, this.#connectionCreditBytes);
    this.#connectionCreditBytes = 0;
    for (const exchange of this.#awake) this.#frames.credit(exchange.id, exchange.takeGrant());
  }

  // --- what an exchange asks for ---

  wake(exchange: StolenHttp2Exchange): void {
    this.#rouse(exchange);
    this.pumpSoon();
  }

  creditConnection(bytes: number): void {
    this.#connectionCreditBytes += bytes;
    this.pumpSoon();
  }

  atClientBoundary(act: () => void): void {
    this.#events.atClientBoundary(act);
  }

  giveToOriginal(streamId: number, kept: KeptRequest, recording: Recording | undefined): boolean {
    if (this.#isOver || streamId < this.#table.highestForwarded) return false;
    if (!this.#events.replay(streamId, kept)) return false;
    this.#table.stolenIds.remove(streamId);
    this.#table.forward(streamId, recording);
    return true;
  }

  over(exchange: StolenHttp2Exchange): void {
    if (this.#table.stolen.delete(exchange)) this.#headBytes -= exchange.headBytes;
    // What went to the app after all goes on being copied.
    if (!this.#table.isForwarded(exchange.id)) this.#table.copied.over(exchange.id);
    this.pumpSoon();
  }
}
