import type { Clock } from "./clock.ts";

/**
 * Whether the peer still lives.
 *
 * TCP may take minutes to notice a peer that vanished without a word (a closed lid, a lost route). So both ends say
 * something every `intervalMs`, and a peer of whom nothing at all was heard for `timeoutMs` is given up, at most one
 * interval later. Any byte counts.
 */
export class SilenceWatch {
  readonly #options: SilenceOptions;
  #heardAtMs = 0;
  #checkedAtMs = 0;
  #cancel: (() => void) | undefined;

  constructor(options: SilenceOptions) {
    this.#options = options;
  }

  /** Begins anew, as if something had just been heard. */
  start(): void {
    this.stop();
    this.#heardAtMs = this.#options.clock.now();
    this.#checkedAtMs = this.#heardAtMs;
    this.#checkLater();
  }

  /** Something arrived. */
  heard(): void {
    this.#heardAtMs = this.#options.clock.now();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #checkLater(): void {
    this.#cancel = this.#options.clock.after(this.#options.intervalMs, () => this.#check());
  }

  #check(): void {
    const { clock, intervalMs, timeoutMs } = this.#options;
    const nowMs = clock.now();
    // A loop that was itself held up (SIGSTOP, a debugger) has not read what lies in its socket: the peer gets another
    // interval before it is judged.
    if (nowMs - this.#checkedAtMs > 2 * intervalMs)
      this.#heardAtMs = Math.max(this.#heardAtMs, nowMs - timeoutMs + intervalMs);
    this.#checkedAtMs = nowMs;
    if (nowMs - this.#heardAtMs >= timeoutMs) {
      this.stop();
      this.#options.onSilent(nowMs - this.#heardAtMs);
      return;
    }
    this.#checkLater();
    this.#options.onBeat();
  }
}

export interface SilenceOptions {
  readonly clock: Clock;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** Time to say something. */
  readonly onBeat: () => void;
  /** The peer is given up; called once for each start. */
  readonly onSilent: (silentMs: number) => void;
}
