import type { Clock } from "./clock.ts";

const STEP_MS = 500;

/**
 * A time that only passes while this process runs: of a stretch in which its loop was held up (SIGSTOP, a closed lid) only
 * two steps count, since nobody could have come back meanwhile.
 */
export class GraceTime {
  readonly #clock: Clock;
  readonly #onOver: () => void;
  #leftMs = 0;
  #cancel: (() => void) | undefined;

  constructor(options: { clock: Clock; onOver: () => void }) {
    this.#clock = options.clock;
    this.#onOver = options.onOver;
  }

  start(graceMs: number): void {
    this.stop();
    this.#leftMs = graceMs;
    this.#step();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #step(): void {
    const stepMs = Math.min(STEP_MS, this.#leftMs);
    const fromMs = this.#clock.now();
    this.#cancel = this.#clock.after(stepMs, () => {
      this.#leftMs -= Math.min(Math.max(this.#clock.now() - fromMs, stepMs), 2 * STEP_MS);
      if (this.#leftMs > 0) return this.#step();
      this.#cancel = undefined;
      this.#onOver();
    });
  }
}
