import { type BodySink, ChunkScanner } from "./chunk-scanner.ts";
import type { Framing } from "./framing.ts";

/**
 * Follows one message body of any framing through any split of its bytes.
 *
 * For a bystander it only tells where the body ends; with a sink it also gives the decoded data as slices of the
 * scanned buffer. `state` is `ambiguous` when a chunked body cannot be read in one way.
 */
export class BodyScanner {
  readonly #framing: Framing;
  readonly #chunks: ChunkScanner | undefined;
  #leftBytes: number;

  constructor(framing: Framing) {
    this.#framing = framing;
    this.#leftBytes = framing.kind === "length" ? framing.bytes : 0;
    this.#chunks = framing.kind === "chunked" ? new ChunkScanner() : undefined;
  }

  get state(): "more" | "done" | "ambiguous" {
    if (this.#chunks !== undefined) return this.#chunks.state;
    return this.#framing.kind === "close" || this.#leftBytes > 0 ? "more" : "done";
  }

  get isChunked(): boolean {
    return this.#chunks !== undefined;
  }

  /** Trailer lines of a chunked body as received, each with its CRLF; "" when there were none. */
  get trailers(): string {
    return this.#chunks?.trailers ?? "";
  }

  /** Reads `bytes[from, to)` and gives the offset behind the last byte that belongs to this body. */
  scan(bytes: Buffer, from: number, to: number, sink?: BodySink): number {
    if (this.#chunks !== undefined) return this.#chunks.scan(bytes, from, to, sink);
    if (this.#framing.kind === "close") {
      if (to > from) sink?.(from, to);
      return to;
    }
    const end = Math.min(to, from + this.#leftBytes);
    if (end > from) sink?.(from, end);
    this.#leftBytes -= end - from;
    return end;
  }

  /** What the end of the connection means here: only a close-delimited body, or a done one, is complete by it. */
  get isCompleteAtEnd(): boolean {
    return this.#framing.kind === "close" || this.state === "done";
  }
}
