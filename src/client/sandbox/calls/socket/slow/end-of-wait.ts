/** What ends the wait of a held call before its time: a signal, the end of its thread, or a limit. */
export class EndOfWait implements Disposable {
  /** Settles when it is over. */
  readonly promise: Promise<undefined>;
  readonly #stack = new DisposableStack();
  #isTime = false;

  /** @param limitMs null is for ever */
  constructor(interrupted: AbortSignal, limitMs: number | null) {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.promise = promise;
    const onAbort = (): void => resolve(undefined);
    if (interrupted.aborted) onAbort();
    interrupted.addEventListener("abort", onAbort, { once: true });
    this.#stack.defer(() => interrupted.removeEventListener("abort", onAbort));
    if (limitMs === null) return;
    const timer = setTimeout(() => {
      this.#isTime = true;
      resolve(undefined);
    }, limitMs);
    this.#stack.defer(() => clearTimeout(timer));
  }

  /** Whether the limit has passed. */
  get isTime(): boolean {
    return this.#isTime;
  }

  [Symbol.dispose](): void {
    this.#stack.dispose();
  }
}
