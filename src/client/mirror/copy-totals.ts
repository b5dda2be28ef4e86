import type { Copies, CopyCounts } from "../../protocol/index.ts";
import type { CopyTotals } from "../running/index.ts";

/** Between two accounts while something changes: often enough for who looks, and one line at a time. */
const tellIntervalMs = 3_000;

/** Adds up what became of copies, and tells it now and then while it changes. The owner ends it by `close`. */
export class CopyCounter implements Disposable {
  /** What each session tells of each of its ports; there may be several sessions at a time, and after each other. */
  readonly #ofSources = new Map<object, Map<number, Copies>>();
  readonly #tell: (totals: CopyTotals) => void;
  readonly #intervalMs: number;
  #unanswered = 0;
  #lastFailure: string | null = null;
  #timer: NodeJS.Timeout | undefined;
  #isNews = false;
  #isClosed = false;

  constructor(options: { tell: (totals: CopyTotals) => void; intervalMs?: number }) {
    this.#tell = options.tell;
    this.#intervalMs = options.intervalMs ?? tellIntervalMs;
  }

  /** Each session, of which `source` is the mark, counts its ports from the start. */
  take(copies: Copies, source: object): void {
    const ofPorts = this.#ofSources.get(source) ?? new Map<number, Copies>();
    this.#ofSources.set(source, ofPorts.set(copies.subscription, copies));
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
    for (const { lastDrop } of this.#all()) lastReason ??= lastDrop;
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

  #all(): Copies[] {
    return [...this.#ofSources.values()].flatMap((ofPorts) => [...ofPorts.values()]);
  }

  #sum(): CopyCounts {
    const totals = { sent: 0, dropped: 0, failed: 0, skipped: 0, answersDropped: 0, bytes: 0 };
    for (const copies of this.#all()) {
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
