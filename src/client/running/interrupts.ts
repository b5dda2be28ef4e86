/** The signals by which a user ends a command. */
const endingSignals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
export type EndingSignal = (typeof endingSignals)[number];

/** npx and sudo may pass on what the terminal has sent to us as well: so soon, it is the same key. */
const sameKeyMs = 200;

/**
 * Turns the signals of a user into two wishes: the first to end gracefully, the second to end at once.
 * Until it is disposed, these signals do not end this process by themselves.
 */
export class Interrupts implements Disposable {
  readonly #graceful = new AbortController();
  readonly #atOnce = new AbortController();
  readonly #onSignal: (signal: NodeJS.Signals) => void;
  readonly #source: NodeJS.EventEmitter;
  #firstAtMs = 0;

  constructor(options: { source?: NodeJS.EventEmitter; now?: () => number } = {}) {
    const now = options.now ?? (() => performance.now());
    this.#source = options.source ?? process;
    this.#onSignal = (signal) => {
      if (!this.#graceful.signal.aborted) {
        this.#firstAtMs = now();
        this.#graceful.abort(signal);
      } else if (now() - this.#firstAtMs >= sameKeyMs) this.#atOnce.abort(signal);
    };
    for (const signal of endingSignals) this.#source.on(signal, this.#onSignal);
  }

  /** Aborts with the signal's name as reason. */
  get graceful(): AbortSignal {
    return this.#graceful.signal;
  }

  /** Aborts with the name of the second signal as reason. */
  get atOnce(): AbortSignal {
    return this.#atOnce.signal;
  }

  [Symbol.dispose](): void {
    for (const signal of endingSignals) this.#source.off(signal, this.#onSignal);
  }
}

/** Settles when a signal aborts, with its reason; at once when it has. */
export function aborted(signal: AbortSignal): Promise<unknown> {
  if (signal.aborted) return Promise.resolve(signal.reason);
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(signal.reason), { once: true });
  });
}
