import { NftError } from "./errors.ts";

/** How many tasks may wait at once; one more is refused with `busy`. */
const MAX_WAITING = 256;

/** Runs tasks one after the other, in the order in which they were given. A task that fails does not stop the next. */
export class SerialQueue {
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /** Settles as the task does. @throws NftError `busy` when 256 tasks wait already. */
  async run<Result>(task: () => Promise<Result>): Promise<Result> {
    if (this.#waiting >= MAX_WAITING)
      throw new NftError("busy", `${MAX_WAITING} transactions are waiting already`);
    this.#waiting++;
    const before = this.#last;
    const result = (async () => {
      await before;
      try {
        return await task();
      } finally {
        this.#waiting--;
      }
    })();
    // The chain only orders; each caller gets the failure of its own task.
    this.#last = result.catch(() => undefined);
    return result;
  }
}
