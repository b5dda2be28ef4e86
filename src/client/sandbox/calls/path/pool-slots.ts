/**
 * Lets so many run at once; the rest waits its turn. Threads of libuv's pool are for all that this process does, and one
 * that waits for a file system far away must not take the last.
 */
export class PoolSlots {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  /** As many as the pool has threads, but one. */
  static ofPool(threads: number): PoolSlots {
    return new PoolSlots(Math.max(1, threads - 1));
  }

  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free++;
      else next();
    }
  }
}
