import { CODE_BITS, CODES } from "./huffman-code.ts";

/** How many bytes a latin-1 string has when encoded (RFC 7541 §5.2). */
export function huffmanLength(text: string): number {
  let bits = 0;
  for (let at = 0; at < text.length; at++) bits += CODE_BITS[text.charCodeAt(at) & 255] as number; // 257 lengths.
  return (bits + 7) >>> 3;
}

/** Writes a latin-1 string, padded with ones, at `at`; there must be {@link huffmanLength} bytes of room. Gives the end. */
export function huffmanEncode(text: string, into: Uint8Array, at: number): number {
  let end = at;
  let pending = 0;
  let pendingBits = 0;
  for (let index = 0; index < text.length; index++) {
    const symbol = text.charCodeAt(index) & 255;
    let bits = CODE_BITS[symbol] as number; // 257 symbols, as below.
    const code = CODES[symbol] as number;
    // At most 7 bits are pending: 24 more always fit in 32, the longest codes go in two steps.
    if (bits > 24) {
      bits -= 16;
      pending = (pending << bits) | (code >>> 16);
      pendingBits += bits;
      while (pendingBits >= 8) into[end++] = pending >>> (pendingBits -= 8);
      pending = (pending << 16) | (code & 0xffff);
      pendingBits += 16;
    } else {
      pending = (pending << bits) | code;
      pendingBits += bits;
    }
    while (pendingBits >= 8) into[end++] = pending >>> (pendingBits -= 8);
  }
  if (pendingBits > 0) into[end++] = (pending << (8 - pendingBits)) | (255 >>> pendingBits);
  return end;
}
