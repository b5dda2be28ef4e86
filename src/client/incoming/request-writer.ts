import { type Framing, writeChunk, writeLastChunk } from "../../http/index.ts";

/**
 * Frames the content of a request anew, as its head has announced it (RFC 9112 §6); does no I/O.
 *
 * The head goes out as received, so the framing must be the one it names: the very count of Content-Length, or chunks. A
 * body that does not keep to its own head is a fault and never padded, cut or passed on.
 */
export class RequestWriter {
  readonly #framing: Framing;
  #leftBytes: number;
  #trailers = "";
  #isComplete: boolean;

  constructor(framing: Framing) {
    this.#framing = framing;
    this.#leftBytes = framing.kind === "length" ? framing.bytes : 0;
    this.#isComplete = framing.kind === "none";
  }

  /** Whether every byte of the request has been framed; a request without a body is complete from its head on. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** Gives what to write for a piece of content, or the fault. */
  content(piece: Buffer): readonly Buffer[] | string {
    switch (this.#framing.kind) {
      case "length":
        if (piece.length > this.#leftBytes) return "the request's content is longer than its Content-Length";
        this.#leftBytes -= piece.length;
        this.#isComplete = this.#leftBytes === 0;
        return [piece];
      case "chunked":
        if (this.#isComplete) return "the request's content goes on after its end";
        return piece.length === 0 ? [] : [writeChunk(piece)];
      default:
        return "the request has content that its head does not announce";
    }
  }

  /** Takes the trailer lines, each with its CRLF; they go out at the end. Gives the fault where there can be none. */
  trailers(lines: string): string | undefined {
    if (this.#framing.kind !== "chunked") return "the request has trailers but is not chunked";
    this.#trailers += lines;
    return undefined;
  }

  /** Gives what to write at the end of the content, or the fault. */
  end(): readonly Buffer[] | string {
    if (this.#framing.kind === "chunked" && !this.#isComplete) {
      this.#isComplete = true;
      return [writeLastChunk(this.#trailers)];
    }
    return this.#isComplete ? [] : `the request's content ends ${this.#leftBytes} bytes too early`;
  }
}
