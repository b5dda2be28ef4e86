/**
 * Reads bytes as text of a charset. Undefined when they are none, or when nobody knows the charset: text that has been
 * repaired would hide differences. Byte order marks stay, they are a difference.
 */
export function textOf(bytes: Buffer, charset: string): string | undefined {
  try {
    return new TextDecoder(charset, { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined; // RangeError for the charset, TypeError for the bytes: both mean that it is no such text
  }
}

/** Whether a text looks like one: programs that name no type send texts as well as images. */
export function looksLikeText(bytes: Buffer): boolean {
  const begin = bytes.subarray(0, 4_096);
  return !begin.some((byte) => byte < 9 || (byte > 13 && byte < 32 && byte !== 27));
}
