import type { Reporter } from "./reporter.ts";

/** Hears what is being done from now on, and how the former came out where that has a name of its own. */
export type OnProgress = (doing: string, outcome?: string) => void;

/** Numbers the steps of this process. */
let latest = 0;

/**
 * What is done one after another before a session is there: a step begins when the former is done, and each is told with the time
 * it took. Disposed while one is under way, that one has failed.
 */
export class Steps implements Disposable {
  readonly #reporter: Pick<Reporter, "step">;
  #current: { readonly step: number; readonly text: string; readonly sinceMs: number } | undefined;

  constructor(reporter: Pick<Reporter, "step">) {
    this.#reporter = reporter;
  }

  /** Begins the next step; the former has come out as `outcome` says, or is simply done. */
  readonly next: OnProgress = (doing, outcome) => {
    if (doing === this.#current?.text) return;
    this.done(outcome);
    latest += 1;
    this.#current = { step: latest, text: doing, sinceMs: performance.now() };
    this.#reporter.step({ step: latest, state: "began", text: doing });
  };

  /** The last one is done too. */
  done(outcome?: string): void {
    this.#end("done", outcome);
  }

  [Symbol.dispose](): void {
    this.#end("failed");
  }

  #end(state: "done" | "failed", outcome?: string): void {
    if (this.#current === undefined) return;
    const { step, text, sinceMs } = this.#current;
    this.#current = undefined;
    const ms = Math.round(performance.now() - sinceMs);
    this.#reporter.step({ step, state, text: outcome ?? text, ms });
  }
}
