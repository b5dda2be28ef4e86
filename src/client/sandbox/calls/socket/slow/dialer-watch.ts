import { existsSync } from "node:fs";
import { processOfThread } from "../../../../../kernel/index.ts";
import type { TcpDial } from "./tcp-dial.ts";

/** How often it is looked for processes that are gone. What is dialled sooner than that costs nothing. */
const LOOK_MS = 1000;

/**
 * Gives up what is dialled for a process that has ended meanwhile: we share its socket, so that nobody else would notice.
 */
export class DialerWatch implements Disposable {
  /** By whom: a thread first, and at the first look its process. */
  readonly #dials = new Map<TcpDial, { readonly tid: number; process: number | undefined }>();
  #looking: NodeJS.Timeout | undefined;

  watch(dial: TcpDial, tid: number): void {
    this.#dials.set(dial, { tid, process: undefined });
    this.#looking ??= setInterval(() => this.#look(), LOOK_MS).unref();
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
