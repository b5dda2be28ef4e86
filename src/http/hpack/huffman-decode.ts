import { Http2Error } from "../h2/errors.ts";
import { CODE_BITS, CODES, EOS } from "./huffman-code.ts";

/**
 * A tree of tables, each for eight bits. Positive: a symbol and how many of these bits its code uses, as
 * `bits << 9 | symbol`. Negative: the table to go on with, as `-offset`. Every path is filled, so 0 never shows.
 */
const TABLE = buildTable();

function buildTable(): Int32Array {
  const table: number[] = Array.from({ length: 256 }, () => 0);
  for (let symbol = 0; symbol <= EOS; symbol++) {
    let left = CODE_BITS[symbol] as number; // 257 symbols in both arrays.
    const code = CODES[symbol] as number;
    let node = 0;
    while (left > 8) {
      left -= 8;
      const at = node + ((code >>> left) & 255);
      if (table[at] === 0) {
        table[at] = -table.length;
        for (let slot = 0; slot < 256; slot++) table.push(0);
      }
      node = -(table[at] as number); // Just made, when it was not there.
    }
    const first = node + ((code << (8 - left)) & 255);
    for (let slot = first; slot < first + (1 << (8 - left)); slot++) table[slot] = (left << 9) | symbol;
  }
  return Int32Array.from(table);
}

let scratch = Buffer.allocUnsafeSlow(4 * 1024);
/** A longer string gets a buffer of its own, so that one large value does not stay in memory for ever. */
const MAX_SCRATCH_BYTES = 64 * 1024;

/**
 * Decodes `bytes[from, to)` to a latin-1 string. Takes eight bits at a time; the shortest code has five bits, so the
 * result has at most 8/5 as many characters.
 * @throws Http2Error `hpack-huffman-padding` or `hpack-huffman-eos` (RFC 7541 §5.2).
 */
export function huffmanDecode(bytes: Uint8Array, from: number, to: number): string {
  const out = room(Math.ceil(((to - from) * 8) / 5));
  let length = 0;
  let node = 0;
  let pending = 0;
  let pendingBits = 0;
  /** Bits since the last symbol ended: what is left at the end is padding. */
  let looseBits = 0;
  for (let at = from; at < to; at++) {
    pending = (pending << 8) | (bytes[at] as number); // Below `to`.
    pendingBits += 8;
    looseBits += 8;
    while (pendingBits >= 8) {
      const found = TABLE[node + ((pending >>> (pendingBits - 8)) & 255)] as number; // Tables have 256 slots.
      if (found < 0) {
        node = -found;
        pendingBits -= 8;
        continue;
      }
      const symbol = found & 511;
      if (symbol === EOS) throw new Http2Error("hpack-huffman-eos", "end symbol inside a string");
      out[length++] = symbol;
      pendingBits -= found >>> 9;
      looseBits = pendingBits;
      node = 0;
    }
  }
  while (pendingBits > 0) {
    const found = TABLE[node + ((pending << (8 - pendingBits)) & 255)] as number; // As above.
    if (found < 0 || found >>> 9 > pendingBits) break;
    const symbol = found & 511;
    if (symbol === EOS) throw new Http2Error("hpack-huffman-eos", "end symbol inside a string");
    out[length++] = symbol;
    pendingBits -= found >>> 9;
    looseBits = pendingBits;
    node = 0;
  }
  const ones = (1 << pendingBits) - 1;
  if (looseBits > 7 || (pending & ones) !== ones)
    throw new Http2Error("hpack-huffman-padding", `${looseBits} bits behind the last symbol`);
  return out.toString("latin1", 0, length);
}

function room(bytes: number): Buffer {
  if (bytes > MAX_SCRATCH_BYTES) return Buffer.allocUnsafeSlow(bytes);
  if (scratch.length < bytes) scratch = Buffer.allocUnsafeSlow(bytes);
  return scratch;
}
