import { createHash } from "node:crypto";
import type { Answer, AnswerEnd, FieldPair } from "./answer.ts";
import { limits } from "./limits.ts";

/**
 * Gathers an answer while it passes. Keeps at most `captureBytes` of the body, and hashes all of it, so that a
 * body of any size costs a bounded memory and can still be compared.
 *
 * `waiting` → `answering` by `head()` → `over` by `end()`; calls that come too late or too early are left out, since
 * a tap must never break what it listens to. The clock is the caller's: every call says when, in milliseconds.
 */
export class AnswerRecorder {
  readonly #captureBytes: number;
  readonly #startedMs: number;
  readonly #hash = createHash("sha256");
  readonly #chunks: Buffer[] = [];
  #keptBytes = 0;
  #totalBytes = 0;
  #status = 0;
  #headers: readonly FieldPair[] = [];
  #firstByteMs: number | undefined;
  #state: { at: "waiting" } | { at: "answering" } | { at: "over"; answer: Answer } = { at: "waiting" };

  constructor(options: { startedMs: number; captureBytes?: number }) {
    this.#captureBytes = options.captureBytes ?? limits.capturedBytes;
    this.#startedMs = options.startedMs;
  }

  /** The final head; interim ones (RFC 9110 §15.2) are not given to it. */
  head(head: { status: number; headers: readonly FieldPair[]; nowMs: number }): void {
    if (this.#state.at !== "waiting") return;
    this.#state = { at: "answering" };
    this.#status = head.status;
    this.#headers = head.headers.filter(([name]) => !name.startsWith(":"));
    this.#firstByteMs = head.nowMs - this.#startedMs;
  }

  /** Bytes of the body. They are copied: the caller may reuse its buffer. */
  data(bytes: Uint8Array): void {
    if (this.#state.at !== "answering") return;
    this.#hash.update(bytes);
    this.#totalBytes += bytes.length;
    const room = this.#captureBytes - this.#keptBytes;
    if (room <= 0 || bytes.length === 0) return;
    const kept = Buffer.from(bytes.subarray(0, room));
    this.#chunks.push(kept);
    this.#keptBytes += kept.length;
  }

  /** Closes the recording; a second call gives the first one's answer. `complete` before a head is `none`. */
  end(end: AnswerEnd, last: { nowMs: number; trailers?: readonly FieldPair[] }): Answer {
    if (this.#state.at === "over") return this.#state.answer;
    const { totalBytes } = this;
    const answer: Answer = {
      status: this.#status,
      headers: this.#headers,
      body: {
        bytes: Buffer.concat(this.#chunks),
        isTruncated: totalBytes > this.#keptBytes,
        totalBytes,
        sha256: this.#hash.digest("hex"),
      },
      trailers: last.trailers ?? [],
      end: this.#state.at === "waiting" ? { how: "none", reason: reasonOf(end) } : answeredEnd(end),
      ...(this.#firstByteMs === undefined ? {} : { firstByteMs: this.#firstByteMs }),
      totalMs: last.nowMs - this.#startedMs,
    };
    this.#state = { at: "over", answer };
    return answer;
  }

  /** Bytes of the body so far. */
  get totalBytes(): number {
    return this.#totalBytes;
  }
}

function reasonOf(end: AnswerEnd): string {
  return end.how === "complete" ? "ended without an answer" : end.reason;
}

/** After a head, `none` can only mean that the rest did not come. */
function answeredEnd(end: AnswerEnd): AnswerEnd {
  return end.how === "none" ? { how: "cut", reason: end.reason } : end;
}
