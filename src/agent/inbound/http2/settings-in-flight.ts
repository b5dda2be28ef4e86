import {
  applySettings,
  type Frame,
  type Http2Settings,
  INITIAL_SETTINGS,
  readSettings,
  type Setting,
} from "../../../http/index.ts";

/** More unacknowledged SETTINGS than any peer sends; each waits here. */
const MAX_IN_FLIGHT = 128;

/** The settings of one end, which hold from the moment the other's acknowledgement passes (RFC 9113 §6.5.3). */
export class SettingsInFlight {
  readonly #sender: "client" | "server";
  readonly #inFlight: { readonly settings: readonly Setting[]; readonly after: Http2Settings }[] = [];
  #acknowledged: Http2Settings = INITIAL_SETTINGS;

  constructor(sender: "client" | "server") {
    this.#sender = sender;
  }

  get acknowledged(): Http2Settings {
    return this.#acknowledged;
  }

  /** What was said last, acknowledged or not. */
  get latest(): Http2Settings {
    return this.#inFlight.at(-1)?.after ?? this.#acknowledged;
  }

  /** How many wait for an acknowledgement. */
  get count(): number {
    return this.#inFlight.length;
  }

  get isFull(): boolean {
    return this.#inFlight.length >= MAX_IN_FLIGHT;
  }

  /** The smallest window that a sender may have to keep to, and the largest that a receiver may have to bear. */
  get windowRange(): { readonly leastBytes: number; readonly mostBytes: number } {
    let leastBytes = this.#acknowledged.initialWindowBytes;
    let mostBytes = leastBytes;
    for (const { after } of this.#inFlight) {
      leastBytes = Math.min(leastBytes, after.initialWindowBytes);
      mostBytes = Math.max(mostBytes, after.initialWindowBytes);
    }
    return { leastBytes, mostBytes };
  }

  /** Takes settings that hold already. @throws Http2Error `settings-value`, `settings-window` */
  assume(settings: readonly Setting[]): void {
    this.#acknowledged = applySettings(this.#acknowledged, settings, this.#sender);
  }

  /** @throws Http2Error `settings-value`, `settings-window` */
  sent(frame: Frame): void {
    const settings = readSettings(frame);
    this.#inFlight.push({ settings, after: applySettings(this.latest, settings, this.#sender) });
  }

  /** Gives the settings that hold from now on; none when nothing was asked. */
  acknowledge(): readonly Setting[] {
    const first = this.#inFlight.shift();
    if (first === undefined) return [];
    this.#acknowledged = first.after;
    return first.settings;
  }
}
