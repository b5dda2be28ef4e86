import type { Copies, CopyCounts } from "../../protocol/index.ts";
import type { CopyTotals } from "../running/index.ts";

/** Between two accounts while something changes: often enough for who looks, and one line at a time. */
const tellIntervalMs = 3_000;

/** Adds up what became of copies, and tells it now and then while it changes. The owner ends it by `close`. */
export class CopyCounter implements Disposable {
  readonly #ofPorts = new Map<number, Copies>();
  readonly #tell: (totals: CopyTotals) => void;
  readonly #intervalMs: number;
  /** Of sessions that are over. */
  #before: CopyCounts = { sent: 0, dropped: 0, failed: 0, skipped: 0, answersDropped: 0, bytes: 0 };
  #unanswered = 0;
  #lastFailure: string | null = null;
  #timer: NodeJS.Timeout | undefined;
  #isNews = false;
  #isClosed = false;

  constructor(options: { tell: (totals: CopyTotals) => void; intervalMs?: number }) {
    this.#tell = options.tell;
    this.#intervalMs = options.intervalMs ?? tellIntervalMs;
  }

  /** The next session counts its ports from the start; what was counted before stays. */
  newSession(): void {
    this.#before = this.#sum();
    this.#ofPorts.clear();
  }

  take(copies: Copies): void {
    this.#ofPorts.set(copies.subscription, copies);
    this.#changed();
  }

  /** A copy was delivered and not answered. */
  unanswered(reason: string): void {
    this.#unanswered++;
    this.#lastFailure = reason;
    this.#changed();
  }

  /** A copy could not be delivered; the agent counts it. */
  failed(reason: string): void {
    this.#lastFailure = reason;
  }

  get totals(): CopyTotals {
    let lastReason = this.#lastFailure;
    for (const { lastDrop } of this.#ofPorts.values()) lastReason ??= lastDrop;
    return { ...this.#sum(), unanswered: this.#unanswered, lastReason };
  }

  /** Tells the last account, and no more. Safe to call twice. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#tellNow();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #sum(): CopyCounts {
    const totals = { ...this.#before };
    for (const copies of this.#ofPorts.values()) {
      totals.sent += copies.sent;
      totals.dropped += copies.dropped;
      totals.failed += copies.failed;
      totals.skipped += copies.skipped;
      totals.answersDropped += copies.answersDropped;
      totals.bytes += copies.bytes;
    }
    return totals;
  }

  #changed(): void {
    this.#isNews = true;
    if (this.#timer !== undefined || this.#isClosed) return;
    this.#tellNow();
    this.#timer = setTimeout(() => this.#again(), this.#intervalMs).unref();
  }

  #again(): void {
    this.#timer = undefined;
    if (this.#isNews) this.#changed();
  }

  #tellNow(): void {
    this.#isNews = false;
    this.#tell(this.totals);
  }
}
