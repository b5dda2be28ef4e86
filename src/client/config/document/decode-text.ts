/** A file's bytes as text, or why they are none. */
export type DecodedText =
  | { readonly text: string }
  | { readonly wrong: string; readonly hint: string; readonly offset: number; readonly before: string };

/** Reads UTF-8, and leaves out a byte order mark at its begin. */
export function decodeText(bytes: Uint8Array): DecodedText {
  const [first, second] = bytes;
  const hint = "Save the file as UTF-8.";
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff))
    return { wrong: "the file is UTF-16, and must be UTF-8", hint, offset: 0, before: "" };
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    const zero = text.indexOf("\0");
    if (zero === -1) return { text };
    return {
      wrong: "there is a zero byte: this is no text",
      hint,
      offset: zero,
      before: text.slice(0, zero),
    };
  } catch {
    const before = longestText(bytes);
    return { wrong: "a byte is no UTF-8", hint, offset: before.length, before };
  }
}

/** What stands before the first byte that is no UTF-8. */
function longestText(bytes: Uint8Array): string {
  const loose = new TextDecoder("utf-8").decode(bytes);
  // The first mark that stands for a byte; where the file has such a character itself, that is a place nearby.
  const mark = loose.indexOf("\uFFFD");
  return mark === -1 ? loose : loose.slice(0, mark);
}
