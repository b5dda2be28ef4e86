import {
  type Ambiguity,
  detectProtocol,
  faultOfPartialHead,
  findHeadEnd,
  type Http1Request,
  MAX_HEAD_BYTES,
  newMarks,
  parseRequestHead,
  skipEmptyLines,
} from "../../http/index.ts";
import type { Link } from "./link.ts";
import { MAX_HEAD_MS, SlowHead } from "./slow-head.ts";

/** Heads are looked at, never kept: one set of marks serves the whole agent. */
const marks = newMarks();

/**
 * Finds the request heads of one client connection, in bytes that come in pieces. What is held of a head that is not
 * whole is looked at once; and it is told, once, when the rest does not come.
 */
export class RequestHeads {
  readonly #link: Link;
  readonly #slow: SlowHead;
  /** How much of a head that is held was looked at and found good. */
  #seenBytes = 0;
  #start = 0;
  #end = 0;

  constructor(options: { link: Link; onLate: () => void }) {
    const { link, onLate } = options;
    this.#link = link;
    this.#slow = new SlowHead({ isPaused: () => link.isClientPaused, onLate });
  }

  /** Where the head that was read last begins, behind empty lines (RFC 9112 §2.2). */
  get start(): number {
    return this.#start;
  }

  /** The offset behind the head that was read last. */
  get end(): number {
    return this.#end;
  }

  /** Reads the head that begins at `from`; gives `more` when it is not whole, or why it cannot be read. */
  read(bytes: Buffer, from: number, to: number): Http1Request | "more" | { readonly ambiguity: Ambiguity } {
    const start = skipEmptyLines(bytes, from, to);
    // Three bytes of its end may have been there.
    const seen = Math.max(start, from + this.#seenBytes - 3);
    this.#seenBytes = 0;
    const end = findHeadEnd(bytes, seen, to);
    if (end === -1 || end - start > MAX_HEAD_BYTES) {
      const ambiguity = end === -1 ? faultOfPartialHead(bytes, start, to, seen) : "head-too-large";
      if (ambiguity !== undefined) return { ambiguity };
      return detectProtocol(bytes, start, to) === "opaque" ? { ambiguity: "malformed-start-line" } : "more";
    }
    this.#slow.end();
    this.#start = start;
    this.#end = end;
    return parseRequestHead(bytes, start, end, marks);
  }

  /** So many bytes of a head that is not whole are held, and come again with what follows them. */
  hold(bytes: number): void {
    this.#seenBytes = bytes;
    // Where everything is stolen there is no app that would judge it.
    if (this.#link.routes()?.unfiltered === undefined) this.#slow.begin(MAX_HEAD_MS);
  }

  /** The connection is over, or nobody reads it any more. */
  stop(): void {
    this.#slow.stop();
  }
}
