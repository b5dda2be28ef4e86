import type { Http2ResponseHead } from "../../../http/index.ts";

/** How much content an answer may have, and must have by its END_STREAM (RFC 9113 §8.1.1). */
export class AnswerContent {
  /** Whether its length was announced: trailers of ours have no place behind it. */
  readonly hasLength: boolean;
  /** -1: any number. */
  #leftBytes: number;

  constructor(head: Http2ResponseHead, requestMethod: string) {
    const { status, contentLength } = head;
    // RFC 9110 §9.3.2, §15.3.5, §15.4.5: their length is that of the answer to a GET.
    const isEmpty = requestMethod === "HEAD" || status === 204 || status === 304;
    this.hasLength = isEmpty || contentLength !== undefined;
    this.#leftBytes = isEmpty ? 0 : (contentLength ?? -1);
  }

  /** No content may come any more. */
  get isFull(): boolean {
    return this.#leftBytes === 0;
  }

  /** All that was announced is here. */
  get isWhole(): boolean {
    return this.#leftBytes <= 0;
  }

  /** Gives false when so many bytes are more than was announced. */
  take(bytes: number): boolean {
    if (this.#leftBytes < 0) return true;
    if (bytes > this.#leftBytes) return false;
    this.#leftBytes -= bytes;
    return true;
  }
}
