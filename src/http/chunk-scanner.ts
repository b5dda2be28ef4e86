import { isTokenCode } from "./field-lines.ts";
import { MAX_CHUNK_LINE_BYTES, MAX_TRAILER_BYTES } from "./limits.ts";

/** Where a slice of decoded body lies in the buffer that was scanned. */
export type BodySink = (start: number, end: number) => void;

const CR = 13;
const LF = 10;

/**
 * Follows a chunked body (RFC 9112 §7.1) through any split of it, to know where it ends and which bytes are data.
 *
 * Strict: CRLF only, sizes of at most 13 hex digits, bounded extensions and trailers. What it takes, every
 * implementation takes alike; anything else makes it `ambiguous` and it stays so.
 *
 * States: size → (extension →) size-lf → data → data-cr → data-lf → size … and, after the chunk of size 0,
 * trailer-start → (trailer-name → trailer-value → trailer-lf → trailer-start) … → end-lf → done.
 */
export class ChunkScanner {
  state: "more" | "done" | "ambiguous" = "more";
  /** The trailer lines as received, each with its CRLF. Whole once `state` is `done`. */
  trailers = "";
  #at:
    | "size"
    | "extension"
    | "size-lf"
    | "data"
    | "data-cr"
    | "data-lf"
    | "trailer-start"
    | "trailer-name"
    | "trailer-value"
    | "trailer-lf"
    | "end-lf" = "size";
  #size = 0;
  #digits = 0;
  #lineBytes = 0;

  /** Reads `bytes[from, to)` and gives the offset behind the last byte that belongs to this body. */
  scan(bytes: Buffer, from: number, to: number, sink?: BodySink): number {
    let at = from;
    while (at < to && this.state === "more") {
      if (this.#at === "data") {
        const end = Math.min(to, at + this.#size);
        sink?.(at, end);
        this.#size -= end - at;
        at = end;
        if (this.#size === 0) this.#at = "data-cr";
      } else this.#step(bytes[at++] as number);
    }
    return at;
  }

  #step(byte: number): void {
    switch (this.#at) {
      case "size":
        return this.#sizeByte(byte);
      case "extension":
        if (byte === CR) this.#at = "size-lf";
        else if (byte === LF || byte === 0 || ++this.#lineBytes > MAX_CHUNK_LINE_BYTES) this.#refuse();
        return;
      case "size-lf":
        if (byte !== LF || this.#digits === 0) return this.#refuse();
        this.#at = this.#size === 0 ? "trailer-start" : "data";
        this.#digits = 0;
        this.#lineBytes = 0;
        return;
      case "data-cr":
        return byte === CR ? this.#go("data-lf") : this.#refuse();
      case "data-lf":
        return byte === LF ? this.#go("size") : this.#refuse();
      case "trailer-start":
        if (byte === CR) return this.#go("end-lf");
        if (!isTokenCode(byte)) return this.#refuse();
        this.#keep(byte);
        return this.#go("trailer-name");
      case "trailer-name":
        this.#keep(byte);
        if (byte === 58) return this.#go("trailer-value");
        return isTokenCode(byte) ? undefined : this.#refuse();
      case "trailer-value":
        this.#keep(byte);
        if (byte === CR) return this.#go("trailer-lf");
        return byte === LF || byte === 0 ? this.#refuse() : undefined;
      case "trailer-lf":
        this.#keep(byte);
        return byte === LF ? this.#go("trailer-start") : this.#refuse();
      case "end-lf":
        if (byte === LF) this.state = "done";
        else this.#refuse();
        return;
      default:
    }
  }

  #sizeByte(byte: number): void {
    const digit = hexDigit(byte);
    if (digit !== -1) {
      if (++this.#digits > 13) return this.#refuse();
      this.#size = this.#size * 16 + digit;
      return;
    }
    if (this.#digits === 0) return this.#refuse();
    if (byte === CR) this.#at = "size-lf";
    else if (byte === 59) this.#at = "extension";
    else this.#refuse();
  }

  #keep(byte: number): void {
    if (this.trailers.length >= MAX_TRAILER_BYTES) return this.#refuse();
    this.trailers += String.fromCharCode(byte);
  }

  #go(at: "data-lf" | "size" | "end-lf" | "trailer-name" | "trailer-value" | "trailer-lf" | "trailer-start") {
    if (this.state === "more") this.#at = at;
  }

  #refuse(): void {
    this.state = "ambiguous";
  }
}

function hexDigit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const lower = byte | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}
