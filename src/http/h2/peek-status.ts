import { huffmanDecode } from "../hpack/huffman-decode.ts";

/** RFC 7541 Appendix A: the entries of the static table for `:status`, from index 8 on. */
const STATIC_STATUS = [200, 204, 206, 304, 400, 404, 500];
const FIRST_INDEX = 8;

/**
 * Gives the status that a response's header block begins with, without a table: 0 when it can only be read with one, or is
 * none. For whoever only tells of it: a block is decoded to be sure.
 */
export function peekStatus(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  // RFC 7541 §4.2: size updates come first; the longest has six bytes.
  while (at < to && ((bytes[at] as number) & 0xe0) === 0x20) {
    const isLong = ((bytes[at++] as number) & 0x1f) === 0x1f;
    if (isLong) while (at < to && ((bytes[at++] as number) & 0x80) !== 0);
  }
  const first = at < to ? (bytes[at] as number) : 0;
  if ((first & 0x80) !== 0) return STATIC_STATUS[(first & 0x7f) - FIRST_INDEX] ?? 0;
  return isStatusName(first) ? literalStatus(bytes, at + 1, to) : 0;
}

/** A literal whose name is one of the seven (RFC 7541 §6.2.1 with indexing, §6.2.2 and §6.2.3 without). */
function isStatusName(first: number): boolean {
  const index = (first & 0x40) !== 0 ? first & 0x3f : first & 0x0f;
  return index >= FIRST_INDEX && index < FIRST_INDEX + STATIC_STATUS.length;
}

function literalStatus(bytes: Uint8Array, at: number, to: number): number {
  const length = (bytes[at] ?? 0) & 0x7f;
  const end = at + 1 + length;
  if (length < 2 || length > 3 || end > to) return 0;
  let status = 0;
  try {
    const isHuffman = ((bytes[at] as number) & 0x80) !== 0;
    const text = isHuffman
      ? huffmanDecode(bytes, at + 1, end)
      : String.fromCharCode(...bytes.subarray(at + 1, end));
    if (/^[1-9]\d\d$/.test(text)) status = Number(text);
  } catch {
    // The client will find the same fault.
  }
  return status;
}
