/** Cuts a line without colours to so many columns; what is left out is an ellipsis. Wide characters count as two. */
export function cutToWidth(text: string, columns: number): string {
  if (columns <= 0) return "";
  if (widthOf(text) <= columns) return text;
  let cut = "";
  let width = 0;
  for (const { segment } of segmenter.segment(text)) {
    width += widthOf(segment);
    if (width > columns - 1) break;
    cut += segment;
  }
  return `${cut.trimEnd()}…`;
}

/**
 * Breaks a text at blanks so that no line is wider than so many columns; a word that is longer has a line of its own, whole, so
 * that it can be copied. Lines that are there stay.
 */
export function wrapToWidth(text: string, columns: number): string[] {
  return text.split("\n").flatMap((line) => wrapLine(line, columns));
}

function wrapLine(line: string, columns: number): string[] {
  const [indent = ""] = /^\s*/.exec(line) ?? [];
  const lines: string[] = [];
  let current = indent;
  for (const word of line.trim().split(/ +/)) {
    const joined = current.trim() === "" ? `${indent}${word}` : `${current} ${word}`;
    if (widthOf(joined) <= columns || current.trim() === "") current = joined;
    else {
      lines.push(current);
      current = `${indent}${word}`;
    }
  }
  return [...lines, current];
}

/** How many columns of a terminal it takes. */
export function widthOf(text: string): number {
  let width = 0;
  for (const { segment } of segmenter.segment(text)) width += wide.test(segment) ? 2 : 1;
  return width;
}

const segmenter = new Intl.Segmenter();
/** East Asian Width W and F by script, and what is shown as a picture (UAX #11, UTS #51). */
const wide =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\uFF01-\uFF60\uFFE0-\uFFE6]/u;
