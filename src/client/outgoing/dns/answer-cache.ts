import type { Clock } from "../../../tunnel/index.ts";
import type { AnswerLifetime } from "./answer-lifetime.ts";

interface Kept {
  readonly answer: Buffer;
  readonly lifetime: AnswerLifetime;
  readonly sinceMs: number;
}

/** Larger ones come by TCP and are asked for seldom. */
const MAX_ANSWER_BYTES = 16 * 1024;

/**
 * Answers that may be given again. Bounded in number and bytes: what nobody has asked for the longest goes first. Times in what it
 * gives are counted down, as those of a resolver that keeps answers are (RFC 1035 §3.2.1).
 */
export class AnswerCache {
  /** From the one that was not asked for the longest on. */
  readonly #kept = new Map<string, Kept>();
  readonly #clock: Clock;
  readonly #maxAnswers: number;
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(options: { clock: Clock; maxAnswers?: number; maxBytes?: number }) {
    this.#clock = options.clock;
    this.#maxAnswers = options.maxAnswers ?? 4096;
    this.#maxBytes = options.maxBytes ?? 4 * 1024 * 1024;
  }

  /** A copy; undefined when none is kept, or its time is over. */
  get(key: string): Buffer | undefined {
    const kept = this.#kept.get(key);
    if (kept === undefined) return undefined;
    this.#drop(key);
    const ageSeconds = Math.floor((this.#clock.now() - kept.sinceMs) / 1000);
    if (ageSeconds >= kept.lifetime.seconds) return undefined;
    this.#add(key, kept);
    const copy = Buffer.from(kept.answer);
    for (const at of kept.lifetime.ttlAt) copy.writeUInt32BE(copy.readUInt32BE(at) - ageSeconds, at);
    return copy;
  }

  put(key: string, answer: Buffer, lifetime: AnswerLifetime): void {
    this.#drop(key);
    if (answer.length > MAX_ANSWER_BYTES) return;
    this.#add(key, { answer: Buffer.from(answer), lifetime, sinceMs: this.#clock.now() });
    for (const [oldest] of this.#kept) {
      if (this.#kept.size <= this.#maxAnswers && this.#bytes <= this.#maxBytes) break;
      this.#drop(oldest);
    }
  }

  #add(key: string, kept: Kept): void {
    this.#kept.set(key, kept);
    this.#bytes += key.length + kept.answer.length;
  }

  #drop(key: string): void {
    const kept = this.#kept.get(key);
    if (kept === undefined) return;
    this.#kept.delete(key);
    this.#bytes -= key.length + kept.answer.length;
  }
}
