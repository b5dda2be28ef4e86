import { setTimeout as delay } from "node:timers/promises";

/** So long the event loop may be held at a time, and so long it is then left to those who use the pod. */
const SLICE_MS = 3;
const PAUSE_MS = 6;

/** Work for those who ask, done a little at a time: however many ask, two thirds of the event loop stay with the others. */
export class PatientWork {
  #lastTurn: Promise<void> = Promise.resolve();

  /**
   * Does something with each item, until it gives false. Settles when all is done, `signal` is aborted, or `maxBusyMs` were
   * spent on it; gives whether it came to its end.
   */
  async each<Item>(
    items: Iterable<Item>,
    act: (item: Item) => boolean,
    { signal, maxBusyMs = Number.POSITIVE_INFINITY }: { signal: AbortSignal; maxBusyMs?: number },
  ): Promise<boolean> {
    await this.#turn(signal);
    let busyMs = 0;
    let startedMs = performance.now();
    for (const item of items) {
      if (signal.aborted) return false;
      if (!act(item)) return true;
      const sliceMs = performance.now() - startedMs;
      if (sliceMs < SLICE_MS) continue;
      busyMs += sliceMs;
      if (busyMs >= maxBusyMs) return false;
      await this.#turn(signal);
      startedMs = performance.now();
    }
    return true;
  }

  /** One after the other, with a pause between each; whoever waits no more holds nobody up. */
  #turn(signal: AbortSignal): Promise<void> {
    this.#lastTurn = this.#lastTurn.then(() => (signal.aborted ? undefined : delay(PAUSE_MS)));
    return this.#lastTurn;
  }
}
