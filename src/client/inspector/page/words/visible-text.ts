/** A piece of foreign text: as it is, or a character that would do something instead of being seen. */
export interface TextPiece {
  readonly text: string;
  /** Name of the character, such as "U+202E"; undefined of plain text. */
  readonly code: string | undefined;
}

/**
 * What is not seen, or changes how its neighbours are seen: controls but for tab and line feed, what only formats, as marks of
 * writing direction do (https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters), separators of lines and
 * paragraphs, and halves of pairs.
 */
const unseen = /(?![\t\n])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** Cuts foreign text into pieces that can be shown: joined again they are the text. */
export function visiblePieces(text: string): TextPiece[] {
  const pieces: TextPiece[] = [];
  let from = 0;
  for (const match of text.matchAll(unseen)) {
    if (match.index > from) pieces.push({ text: text.slice(from, match.index), code: undefined });
    const code = (match[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
    pieces.push({ text: match[0], code: `U+${code}` });
    from = match.index + match[0].length;
  }
  if (from < text.length) pieces.push({ text: text.slice(from), code: undefined });
  return pieces;
}

/** The same as one text, for titles and names: "a‹U+202E›b". Cut after `most` characters. */
export function visibleText(text: string, most = 300): string {
  const cut = text.length > most ? `${text.slice(0, most)}…` : text;
  return cut.replace(unseen, (found) => {
    const code = (found.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
    return `‹U+${code}›`;
  });
}
