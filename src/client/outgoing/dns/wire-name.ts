/** A name as it stands in a message. */
export interface WireName {
  /**
   * In lower case, labels joined by dots, without a dot at the end; the root is the empty text. What is no letter, digit, `-` or
   * `_` is `\DDD` (RFC 1035 §5.1), so that a dot inside a label is none between two.
   */
  readonly name: string;
  /** Where in the message goes on what follows the name. */
  readonly end: number;
}

/** RFC 1035 §2.3.4, with the length bytes. */
const MAX_NAME_BYTES = 255;
/** Before it nothing can be pointed to: the header. */
export const HEADER_BYTES = 12;

/**
 * Reads the name at a place; undefined when none can be. A pointer leads only to before the place from which it was come to
 * (RFC 1035 §4.1.4: "a prior occurrence"), so that no chain of pointers goes on for ever.
 */
export function readName(message: Buffer, start: number): WireName | undefined {
  const labels: string[] = [];
  let end: number | undefined;
  let segment = start;
  let bytes = 1;
  for (let at = start; ; ) {
    const length = message[at];
    if (length === undefined) return undefined;
    if (length === 0) return { name: labels.join("."), end: end ?? at + 1 };
    if (length >= 0xc0) {
      const low = message[at + 1];
      if (low === undefined) return undefined;
      const target = ((length & 0x3f) << 8) | low;
      if (target >= segment || target < HEADER_BYTES) return undefined;
      end ??= at + 2;
      segment = target;
      at = target;
      continue;
    }
    // 01 and 10 were never put to use (RFC 6891 §5).
    if (length > 63) return undefined;
    bytes += length + 1;
    if (bytes > MAX_NAME_BYTES || at + 1 + length > message.length) return undefined;
    labels.push(labelText(message, at + 1, at + 1 + length));
    at += length + 1;
  }
}

/** Where what follows a name begins, without reading what it points to. */
export function skipName(message: Buffer, start: number): number | undefined {
  for (let at = start; at - start <= MAX_NAME_BYTES; ) {
    const length = message[at];
    if (length === undefined) return undefined;
    if (length === 0) return at + 1;
    if (length >= 0xc0) return at + 2 <= message.length ? at + 2 : undefined;
    if (length > 63) return undefined;
    at += length + 1;
  }
  return undefined;
}

function labelText(message: Buffer, start: number, end: number): string {
  let text = "";
  for (let at = start; at < end; at++) {
    const byte = message[at] ?? 0;
    const isUpper = byte >= 0x41 && byte <= 0x5a;
    const isPlain =
      (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x30 && byte <= 0x39) || byte === 0x2d || byte === 0x5f;
    if (isUpper) text += String.fromCharCode(byte + 0x20);
    else if (isPlain) text += String.fromCharCode(byte);
    else text += `\\${String(byte).padStart(3, "0")}`;
  }
  return text;
}
