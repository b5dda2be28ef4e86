/**
 * So long a head that is not whole may be kept from the app. Below the 5 s for which Node, Apache and uvicorn keep an idle
 * connection, so that the app still hears that a request is coming; far above what a lost packet costs.
 */
export const MAX_HEAD_MS = 4_000;

/**
 * Watches over bytes that are held because they are not whole: somebody may send them one a second, or never send the rest.
 * The app has a limit for that, and must get them to apply it.
 *
 * It tells once, `limitMs` after {@link begin} unless {@link end} came first. Time in which we did not read ourselves does
 * not count.
 */
export class SlowHead {
  readonly #isPaused: () => boolean;
  readonly #onLate: () => void;
  #timer: NodeJS.Timeout | undefined;
  #sinceMs: number | undefined;
  #limitMs = 0;

  constructor(options: { isPaused: () => boolean; onLate: () => void }) {
    this.#isPaused = options.isPaused;
    this.#onLate = options.onLate;
  }

  /** Something is held from now on; no effect when it is already. */
  begin(limitMs: number): void {
    if (this.#sinceMs !== undefined) return;
    this.#sinceMs = performance.now();
    this.#limitMs = limitMs;
    // A timer that runs still is used again: most heads are whole long before it is due.
    this.#timer ??= setTimeout(() => this.#due(), limitMs);
  }

  /** Nothing is held any more. */
  end(): void {
    this.#sinceMs = undefined;
  }

  /** The connection is over, or nobody reads it any more. */
  stop(): void {
    this.#sinceMs = undefined;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #due(): void {
    this.#timer = undefined;
    if (this.#sinceMs === undefined) return;
    if (this.#isPaused()) this.#sinceMs = performance.now();
    const leftMs = this.#sinceMs + this.#limitMs - performance.now();
    if (leftMs > 1) this.#timer = setTimeout(() => this.#due(), leftMs);
    else {
      this.#sinceMs = undefined;
      this.#onLate();
    }
  }
}
