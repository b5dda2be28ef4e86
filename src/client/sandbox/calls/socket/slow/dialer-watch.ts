import { existsSync } from "node:fs";
import { processOfThread } from "../../../../../kernel/index.ts";
import type { TcpDial } from "./tcp-dial.ts";

/** What is watched of a dial. */
export type WatchedDial = Pick<TcpDial, "state" | "giveUp">;

/** How often it is looked for processes that are gone. What is dialled sooner than that costs nothing. */
const LOOK_MS = 1000;

/**
 * Gives up what is dialled for a process that has ended meanwhile: we share its socket, so that nobody else would notice.
 */
export class DialerWatch implements Disposable {
  /** By whom: a thread first, and at the first look its process. */
  readonly #dials = new Map<WatchedDial, { readonly tid: number; process: number | undefined }>();
  readonly #lookMs: number;
  #looking: NodeJS.Timeout | undefined;

  /** @param lookMs for tests */
  constructor({ lookMs = LOOK_MS }: { lookMs?: number } = {}) {
    this.#lookMs = lookMs;
  }

  watch(dial: WatchedDial, tid: number): void {
    this.#dials.set(dial, { tid, process: undefined });
    this.#looking ??= setInterval(() => this.#look(), this.#lookMs).unref();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#looking);
    this.#dials.clear();
  }

  #look(): void {
    for (const [dial, dialer] of this.#dials) {
      if (dial.state.at !== "dialling") this.#dials.delete(dial);
      else if (dialer.process === undefined) {
        dialer.process = processOfThread(dialer.tid);
        // The thread is gone, and its process may be or not: then the far end's own limit counts.
        if (dialer.process === undefined) this.#dials.delete(dial);
      } else if (!existsSync(`/proc/${dialer.process}`)) {
        this.#dials.delete(dial);
        dial.giveUp();
      }
    }
    if (this.#dials.size > 0) return;
    clearInterval(this.#looking);
    this.#looking = undefined;
  }
}
