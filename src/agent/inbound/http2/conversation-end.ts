import { Http2Error, settingsFrame } from "../../../http/index.ts";
import type { Link, OpaqueReason } from "../link.ts";
import { MAX_HEAD_MS, SlowHead } from "../slow-head.ts";
import type { ClientFrames } from "./client-frames.ts";
import type { ClientOutput } from "./client-output.ts";
import type { Farewell } from "./farewell.ts";
import type { InjectedFrames } from "./injected-frames.ts";
import type { OriginalFrames } from "./original-frames.ts";
import type { OriginalPresence } from "./original-presence.ts";
import type { StolenStreams } from "./stolen-streams.ts";
import type { StreamTable } from "./stream-table.ts";

/** So long a frame or a header block may be on its way where we are the ones who judge it. nginx waits 60 s, Apache 20 s. */
const MAX_JUDGED_HEAD_MS = 30_000;

/** The parts of a conversation that end with it. */
export interface EndingParts {
  readonly link: Link;
  readonly table: StreamTable;
  readonly output: ClientOutput;
  readonly frames: InjectedFrames;
  readonly farewell: Farewell;
  readonly stolen: StolenStreams;
  readonly original: OriginalPresence;
  readonly fromClient: ClientFrames;
  readonly fromOriginal: OriginalFrames;
}

/** How the reading of an HTTP/2 connection ends, once: by a fault of either side, or because nobody is left. */
export class ConversationEnd {
  readonly #parts: EndingParts;
  readonly #slowHead: SlowHead;
  #isOver = false;

  constructor(parts: EndingParts) {
    this.#parts = parts;
    this.#slowHead = new SlowHead({
      isPaused: () => parts.link.isClientPaused,
      onLate: () => this.#headLate(),
    });
  }

  /** Nothing is read any more; who reads the connection from now on, if anybody, is no matter of ours. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Before the first stolen stream the app judges its client; then there is nobody but us who can. */
  clientFault(error: Http2Error): void {
    const { link, table, output, frames, farewell, fromClient } = this.#parts;
    if (fromClient.isUntouched) return this.#letOriginalGo(`ambiguous-request: ${error.code}`);
    if (!output.hasBegun) {
      // RFC 9113 §3.4: SETTINGS come first, and the app's will not come any more.
      output.begin();
      output.inject(settingsFrame([]));
    }
    if (output.isAtBoundary) {
      for (const { id } of table.stolen.values()) frames.reset(id, error.rfcCode);
      farewell.say(error.rfcCode, error.message);
      output.flush();
    }
    this.end();
    link.endClient();
  }

  originalFault(error: Http2Error): void {
    const { link, original, fromClient } = this.#parts;
    if (original.isReplaceable) return original.replace();
    if (fromClient.isUntouched) return this.#letOriginalGo(`ambiguous-response: ${error.code}`);
    this.end();
    link.reset();
  }

  /** Ends every stream. */
  end(): void {
    if (this.#isOver) return;
    this.#stop();
    this.#parts.stolen.end();
    this.#parts.table.abandonForwarded();
    this.#parts.table.copied.end();
    this.#parts.fromClient.stop();
    this.#parts.fromOriginal.stop();
  }

  /** What comes in pieces is the app's to wait for, while it is the one who judges. */
  watchHead(): void {
    const { link, fromClient } = this.#parts;
    if (this.#isOver) return this.#slowHead.stop();
    if (!fromClient.isWaiting) return this.#slowHead.end();
    if (fromClient.hasMoved) this.#slowHead.end();
    if (!fromClient.isUntouched) this.#slowHead.begin(MAX_JUDGED_HEAD_MS);
    else if (link.routes()?.unfiltered === undefined) this.#slowHead.begin(MAX_HEAD_MS);
  }

  #headLate(): void {
    if (this.#parts.fromClient.isUntouched) this.#letOriginalGo("slow-head");
    else this.clientFault(new Http2Error("flood", "a frame or a header block that does not end"));
  }

  #letOriginalGo(reason: OpaqueReason): void {
    const { link, table, fromClient, fromOriginal } = this.#parts;
    const held = fromOriginal.takeHeld();
    if (held.length > 0) link.client.write(held);
    fromOriginal.stop();
    fromClient.stop();
    table.abandonForwarded();
    table.copied.end();
    this.#stop();
    link.becomeOpaque(reason);
  }

  #stop(): void {
    this.#isOver = true;
    this.#slowHead.stop();
    this.#parts.original.stop();
    this.#parts.farewell.stop();
  }
}
