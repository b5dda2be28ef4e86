import type { Copies } from "../../protocol/index.ts";
import type { Mirror } from "../routing/index.ts";

/** How often a session is told what became of its copies, while that changes. */
const REPORT_MS = 1_000;

/** Tells a session what became of one mirror's copies: at most once a second, and at its end. */
export class CopyReports {
  readonly #subscription: number;
  readonly #tell: (report: Copies) => void;
  #mirror: Mirror | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: { subscription: number; tell: (report: Copies) => void }) {
    this.#subscription = options.subscription;
    this.#tell = options.tell;
  }

  /** From now on it is told of this one. */
  of(mirror: Mirror): void {
    this.#mirror = mirror;
  }

  /** Something was counted. */
  due(): void {
    if (this.#mirror !== undefined) this.#timer ??= setTimeout(() => this.#report(), REPORT_MS);
  }

  /** Tells what was not told yet. What is under way still is not told of any more. */
  close(): void {
    if (this.#timer !== undefined) this.#report();
    this.#mirror = undefined;
  }

  #report(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#mirror === undefined) return;
    const { counts, lastDrop } = this.#mirror;
    this.#tell({ type: "copies", subscription: this.#subscription, ...counts, lastDrop });
  }
}
