import {
  RfcErrorCode,
  rstStreamFrame,
  type Setting,
  settingsAckFrame,
  settingsFrame,
  SettingId,
  type SizeUpdateDebt,
} from "../../../http/index.ts";
import { type Link, Pause } from "../link.ts";
import type { ClientFrames } from "./client-frames.ts";
import type { ClientOutput } from "./client-output.ts";
import type { Farewell } from "./farewell.ts";
import type { OriginalFrames } from "./original-frames.ts";
import type { SettingsInFlight } from "./settings-in-flight.ts";
import type { StolenStreams } from "./stolen-streams.ts";
import type { StreamTable } from "./stream-table.ts";

const MIN_CONCURRENT_STREAMS = 100;
/** Nothing may be said before the app's SETTINGS; so long stolen streams wait for them. */
const SETTINGS_MS = 1_000;

/**
 * Where the original is.
 *
 * | state      | a request that is not stolen …                                     | leaves to          |
 * |------------|--------------------------------------------------------------------|--------------------|
 * | `there`    | goes to it                                                         | `leaving`, `gone`, `missing` |
 * | `leaving`  | goes to it; nothing is stolen any more, it has sent GOAWAY          | `gone`             |
 * | `gone`     | is ignored; the connection lives for its stolen streams only        | –                  |
 * | `missing`  | is refused: nobody there speaks HTTP/2, and we are the server       | –                  |
 */
export type OriginalState = "there" | "leaving" | "gone" | "missing";

/** The parts of a conversation that the app's coming and going changes. */
export interface PresenceParts {
  readonly link: Link;
  readonly table: StreamTable;
  readonly output: ClientOutput;
  readonly debt: SizeUpdateDebt;
  readonly farewell: Farewell;
  readonly stolen: StolenStreams;
  readonly clientSettings: SettingsInFlight;
  readonly fromClient: ClientFrames;
  readonly fromOriginal: OriginalFrames;
}

/** The app of one HTTP/2 connection: whether it is there, and what becomes of the connection when it is not. */
export class OriginalPresence {
  readonly #parts: PresenceParts;
  #state: OriginalState = "there";
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: PresenceParts) {
    this.#parts = parts;
  }

  get state(): OriginalState {
    return this.#state;
  }

  /** Whether it is sent what the client says. */
  get isListening(): boolean {
    return this.#state === "there" || this.#state === "leaving";
  }

  /** It has said nothing and was asked for nothing, while sessions have: they need not wait for it. */
  get isReplaceable(): boolean {
    const { stolen, link, output, table } = this.#parts;
    const isWanted = stolen.count > 0 || link.routes()?.unfiltered !== undefined;
    return this.#state === "there" && isWanted && !output.hasBegun && table.highestForwarded === 0;
  }

  /** It has sent GOAWAY. */
  leaves(): void {
    this.#state = "leaving";
  }

  /** A stream was stolen: its answer must not wait for ever for SETTINGS of the app. */
  expectSettings(): void {
    if (this.#parts.output.hasBegun) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      if (this.isReplaceable) this.replace();
      else if (this.isListening && !this.#parts.output.hasBegun) this.#beginInItsPlace();
    }, SETTINGS_MS);
  }

  /**
   * It was asked and stays silent, while sessions have answers. What it was asked stays with it, so that we say only what
   * every server must say first. Nothing is in it: when the app says its SETTINGS after all, they are further ones
   * (RFC 9113 §6.5) and hold as they would have.
   */
  #beginInItsPlace(): void {
    const { output, fromClient, stolen } = this.#parts;
    fromClient.expectOwnAck();
    output.begin();
    output.inject(settingsFrame([]));
    stolen.pump();
  }

  /**
   * It has sent its last byte. Gives whether the client should be told so now; else stolen streams are under way, and the
   * client's connection ends when they are over.
   */
  ended(): boolean {
    const { link, table, output, stolen, fromOriginal, farewell } = this.#parts;
    if (!this.isListening) return false;
    if (this.isReplaceable) {
      this.replace();
      return false;
    }
    const isCut = stolen.count > 0;
    fromOriginal.giveUpCutFrame();
    if (!isCut || !output.isAtBoundary) {
      const held = fromOriginal.takeHeld();
      if (held.length > 0) link.client.write(held);
      this.#state = "leaving";
      // Inside a frame nothing can be said, and its end would not be one.
      if (isCut) link.reset();
      return true;
    }
    this.#state = "gone";
    link.resumeClient(Pause.original);
    for (const streamId of table.forwardedIds) {
      fromOriginal.held.drop(streamId);
      output.inject(rstStreamFrame(streamId, RfcErrorCode.internalError));
    }
    table.abandonForwarded();
    farewell.say(RfcErrorCode.noError);
    stolen.pumpSoon();
    return false;
  }

  /** Nobody listens at its address: we are the server, for stolen streams. Gives false when there is none to be. */
  missing(): boolean {
    if (this.#parts.table.highestForwarded > 0 || this.#state === "gone") return false;
    if (this.#state !== "missing") this.replace();
    return true;
  }

  /** From now on we are the server. */
  replace(): void {
    const { link, output, stolen, clientSettings, fromClient, fromOriginal } = this.#parts;
    this.#state = "missing";
    this.stop();
    link.dropOriginal();
    fromClient.touch();
    fromOriginal.touch();
    output.begin();
    output.inject(
      settingsFrame([
        { id: SettingId.maxConcurrentStreams, value: MIN_CONCURRENT_STREAMS },
        { id: SettingId.enableConnectProtocol, value: 1 },
      ]),
    );
    while (clientSettings.count > 0) this.acknowledge();
    stolen.moveWindows();
    stolen.pump();
  }

  /** Acknowledges the client's settings in its place. */
  acknowledge(): void {
    const { output, clientSettings } = this.#parts;
    output.inject(settingsAckFrame());
    allowTable(clientSettings.acknowledge(), this.#parts);
  }

  /** Nothing is waited for any more. */
  stop(): void {
    clearTimeout(this.#timer);
  }
}

/** Settings of the client hold from now on: what blocks for it may need. */
export function allowTable(
  settings: readonly Setting[],
  { debt, table }: Pick<PresenceParts, "debt" | "table">,
): void {
  for (const { id, value } of settings) {
    if (id !== SettingId.headerTableSize) continue;
    debt.allowTable(value);
    table.allowAnswersTable(value);
  }
}
