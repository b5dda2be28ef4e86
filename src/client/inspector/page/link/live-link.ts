import { signal } from "@preact/signals";
import type { LiveMessage } from "../../page-contract.ts";
import { type Api, ApiError } from "./api.ts";
import { jsonLines } from "./json-lines.ts";

/** Without a word for so long a connection is taken for dead: "alive" comes every few seconds. */
const SILENCE_MS = 15_000;
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 5_000;

/** How the page is connected to the process behind it. */
export type LinkState =
  | { readonly at: "connecting" }
  | { readonly at: "open" }
  | { readonly at: "lost"; readonly because: string }
  /** It does not know our token: another process answers at this port now, or the URL is not whole. */
  | { readonly at: "refused"; readonly because: string };

/** Follows `/api/live`, and comes back by itself with what it has missed. */
export class LiveLink {
  readonly state = signal<LinkState>({ at: "connecting" });
  readonly #api: Api;
  readonly #take: (message: LiveMessage) => void;
  #change = 0;
  #wake: (() => void) | undefined;

  constructor(api: Api, take: (message: LiveMessage) => void) {
    this.#api = api;
    this.#take = take;
  }

  /** Follows until `signal`. */
  async run(signal: AbortSignal): Promise<void> {
    let waitMs = FIRST_WAIT_MS;
    while (!signal.aborted) {
      const opened = await this.#followOnce(signal);
      if (signal.aborted) return;
      if (opened) waitMs = FIRST_WAIT_MS;
      await this.#pause(waitMs);
      waitMs = Math.min(waitMs * 1.6, LONGEST_WAIT_MS);
    }
  }

  /** Tries at once, when it waits. */
  tryNow(): void {
    this.#wake?.();
  }

  /** Gives whether there was a connection; it is over now. */
  async #followOnce(signal: AbortSignal): Promise<boolean> {
    const silence = new AbortController();
    let timer = setTimeout(() => silence.abort(), SILENCE_MS);
    let opened = false;
    try {
      const response = await this.#api.live(this.#change, AbortSignal.any([signal, silence.signal]));
      if (response.body === null) throw new ApiError("magpie gave no stream", { status: 0 });
      for await (const line of jsonLines(response.body)) {
        clearTimeout(timer);
        timer = setTimeout(() => silence.abort(), SILENCE_MS);
        if (!opened) {
          opened = true;
          this.state.value = { at: "open" };
        }
        // See Api: the process behind the page is of the same version.
        const message = line as LiveMessage;
        if (message.type !== "alive") this.#change = message.change;
        this.#take(message);
      }
      this.state.value = { at: "lost", because: "The connection to magpie was closed." };
    } catch (error) {
      if (error instanceof ApiError && (error.status === 401 || error.status === 403))
        this.state.value = { at: "refused", because: error.message };
      else this.state.value = { at: "lost", because: "magpie cannot be reached." };
    } finally {
      clearTimeout(timer);
    }
    return opened;
  }

  #pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(done, milliseconds);
      const wake = (): void => {
        clearTimeout(timer);
        done();
      };
      this.#wake = wake;
      function done(): void {
        resolve();
      }
    });
  }
}
