import { type Api, ApiError } from "../link/api.ts";

const ASK_AFTER_MS = 250;

/** Which rows a filter takes that looks at header fields: rows have none, so the process behind the page is asked. */
export class Matches {
  readonly ids = new Set<number>();
  readonly #api: Api;
  readonly #changed: () => void;
  #filter: string | undefined;
  /** Rows up to this id have been asked for. */
  #until = 0;
  #asking: AbortController | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isMore = false;

  constructor(api: Api, changed: () => void) {
    this.#api = api;
    this.#changed = changed;
  }

  /** Asks for this filter from now on. */
  look(filter: string): void {
    if (filter === this.#filter) return;
    this.stop();
    this.#filter = filter;
    this.#askSoon();
  }

  stop(): void {
    this.#asking?.abort();
    this.#asking = undefined;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#filter = undefined;
    this.#until = 0;
    this.#isMore = false;
    this.ids.clear();
  }

  /** There are new rows. */
  more(): void {
    if (this.#filter === undefined) return;
    this.#isMore = true;
    this.#askSoon();
  }

  forget(upTo: number): void {
    for (const id of this.ids) if (id <= upTo) this.ids.delete(id);
  }

  #askSoon(): void {
    if (this.#timer !== undefined || this.#asking !== undefined) return;
    this.#timer = setTimeout(() => void this.#ask(), ASK_AFTER_MS);
  }

  async #ask(): Promise<void> {
    const filter = this.#filter;
    this.#timer = undefined;
    if (filter === undefined) return;
    const asking = new AbortController();
    this.#asking = asking;
    this.#isMore = false;
    try {
      const { ids, until } = await this.#api.matching(filter, this.#until, asking.signal);
      if (asking.signal.aborted) return;
      this.#until = until;
      for (const id of ids) this.ids.add(id);
      this.#changed();
    } catch (error) {
      // Asked again with the next row; the connection's state is told elsewhere.
      if (!asking.signal.aborted && !(error instanceof ApiError)) throw error;
    } finally {
      if (this.#asking === asking) this.#asking = undefined;
    }
    if (this.#isMore) this.#askSoon();
  }
}
