import { Http2Error } from "../h2/errors.ts";

/** No count, size or index of HTTP/2 is larger. */
const MAX_INTEGER = 2 ** 31 - 1;
/** 2^31 needs five octets behind the prefix; more than that are leading zeros, which nobody sends without intent. */
const MAX_CONTINUATION_BYTES = 5;

/** A place in a block, moved on by what is read there. */
export interface Cursor {
  at: number;
  readonly end: number;
}

/**
 * Reads an integer (RFC 7541 §5.1) whose first octet, at the cursor, keeps its high bits for something else.
 * @throws Http2Error `hpack-truncated`, `hpack-integer-overflow`.
 */
export function readInteger(bytes: Uint8Array, cursor: Cursor, prefixBits: number): number {
  if (cursor.at >= cursor.end) throw new Http2Error("hpack-truncated", "the block ends before an integer");
  const prefix = (1 << prefixBits) - 1;
  let value = (bytes[cursor.at++] as number) & prefix; // Below the end, as below.
  if (value < prefix) return value;
  let factor = 1;
  for (let count = 0; ; count++) {
    if (cursor.at >= cursor.end) throw new Http2Error("hpack-truncated", "the block ends inside an integer");
    const octet = bytes[cursor.at++] as number;
    value += (octet & 127) * factor;
    if (count >= MAX_CONTINUATION_BYTES || value > MAX_INTEGER)
      throw new Http2Error("hpack-integer-overflow", `an integer above ${MAX_INTEGER}, or too long`);
    if (octet < 128) return value;
    factor *= 128;
  }
}

/** How many bytes {@link writeInteger} needs at most. */
export const MAX_INTEGER_BYTES = 6;

/** Writes an integer at `at` with `highBits` around its prefix. Gives the offset behind it. */
export function writeInteger(
  into: Uint8Array,
  at: number,
  integer: { readonly value: number; readonly prefixBits: number; readonly highBits: number },
): number {
  const prefix = (1 << integer.prefixBits) - 1;
  if (integer.value < prefix) {
    into[at] = integer.highBits | integer.value;
    return at + 1;
  }
  let end = at;
  into[end++] = integer.highBits | prefix;
  let left = integer.value - prefix;
  while (left >= 128) {
    into[end++] = (left % 128) | 128;
    left = Math.floor(left / 128);
  }
  into[end++] = left;
  return end;
}
