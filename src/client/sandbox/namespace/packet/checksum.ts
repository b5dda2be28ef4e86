/** The Internet checksum (RFC 1071) of bytes, on top of a sum that was begun. An odd last byte counts as if a zero followed. */
export function internetChecksum(bytes: Uint8Array, begun = 0): number {
  return ~fold(sumOf(bytes, begun)) & 0xffff;
}

/**
 * What TCP, UDP and ICMPv6 add to their checksum from around them: addresses, length, protocol (RFC 9293 §3.1, RFC 768,
 * RFC 8200 §8.1).
 */
export function pseudoHeaderSum(parts: {
  source: Uint8Array;
  destination: Uint8Array;
  protocol: number;
  payloadBytes: number;
}): number {
  return sumOf(parts.destination, sumOf(parts.source, parts.protocol + parts.payloadBytes));
}

/** Sums of 16-bit numbers stay exact: 64 KB of them are less than 2^31, and begun ones are small. */
function sumOf(bytes: Uint8Array, begun: number): number {
  let sum = begun;
  const even = bytes.length & ~1;
  for (let at = 0; at < even; at += 2) sum += ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  return even === bytes.length ? sum : sum + ((bytes[even] ?? 0) << 8);
}

function fold(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = (folded & 0xffff) + Math.floor(folded / 0x1_0000);
  return folded;
}
