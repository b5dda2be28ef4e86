import type { Ambiguity } from "./ambiguity.ts";
import { MAX_HEAD_BYTES } from "./limits.ts";

const HEAD_END = Buffer.from("\r\n\r\n", "latin1");
const CR = 13;
const LF = 10;

/**
 * Finds the end of a head in `bytes[from, to)`: the offset behind its empty line, or -1 when it is not whole yet.
 * Skips nothing: empty lines before a request belong to {@link skipEmptyLines}.
 */
export function findHeadEnd(bytes: Buffer, from: number, to: number): number {
  const at = bytes.indexOf(HEAD_END, from);
  return at === -1 || at + 4 > to ? -1 : at + 4;
}

/** The offset behind the empty lines that may precede a request (RFC 9112 §2.2). A CR alone at the end is kept. */
export function skipEmptyLines(bytes: Buffer, from: number, to: number): number {
  let at = from;
  while (at + 1 < to && bytes[at] === CR && bytes[at + 1] === LF) at += 2;
  return at;
}

/**
 * Whether a head that is not whole yet can still become a readable one: a line end that is not CRLF, a first line that
 * is no HTTP/1.x start line, or too many bytes make it opaque at once, so that nobody waits for a head that never ends.
 * Lines that end before `seen` were found good before: a head that comes byte by byte is not read from its start each time.
 */
export function faultOfPartialHead(
  bytes: Buffer,
  from: number,
  to: number,
  seen = from,
): Ambiguity | undefined {
  if (to - from > MAX_HEAD_BYTES) return "head-too-large";
  const firstLf = bytes.indexOf(LF, from);
  if (firstLf === -1 || firstLf >= to) return undefined;
  // The same order as in a whole head, so that the reason does not depend on how the bytes were cut.
  const firstCr = bytes.indexOf(CR, from);
  if (firstCr !== firstLf - 1) return "bare-cr-or-lf";
  if (!/ HTTP\/1\.\d\r$/.test(bytes.toString("latin1", Math.max(from, firstLf - 16), firstLf)))
    return "malformed-start-line";
  for (let at = Math.max(firstLf, seen) - 1; at !== -2; ) {
    at = bytes.indexOf(LF, at + 1);
    if (at === -1 || at >= to) break;
    if (bytes[at - 1] !== CR) return "bare-cr-or-lf";
  }
  return undefined;
}
