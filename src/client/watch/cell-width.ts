/**
 * How many cells of a terminal a text takes, and texts made to fit. Widths are those of Unicode's East Asian Width (UAX #11: W and F
 * take two cells) and of emoji that are shown as pictures; marks that combine take none. A terminal that counts otherwise
 * only shifts what stands behind on the same line: lines never wrap.
 */

/** What could move a cursor, change colours, direction or width is replaced; marks that choose a picture are dropped. */
export function harmless(text: string): string {
  if (isPlain(text)) return text;
  return text
    .toWellFormed()
    .replace(/[\uFE00-\uFE0F]/g, "")
    .replace(/[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}]/gu, "�");
}

/** Printable ASCII alone. */
function isPlain(text: string): boolean {
  return /^[ -~]*$/.test(text);
}

export function widthOf(text: string): number {
  if (isPlain(text)) return text.length;
  let width = 0;
  for (const character of text) width += cellsOf(character);
  return width;
}

/** Cuts with a mark where it is longer, fills up with blanks where it is shorter; `text` is harmless already. */
export function fit(text: string, width: number, align: "left" | "right" = "left"): string {
  const cut = cutTo(text, width);
  const fill = " ".repeat(Math.max(0, width - widthOf(cut)));
  return align === "left" ? cut + fill : fill + cut;
}

/** Cuts with a mark where it is longer. */
export function cutTo(text: string, width: number): string {
  if (width <= 0) return "";
  // No character takes less than none, and few take none.
  if (isPlain(text)) return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
  if (widthOf(text) <= width) return text;
  let taken = "";
  let left = width - 1;
  for (const character of text) {
    left -= cellsOf(character);
    if (left < 0) break;
    taken += character;
  }
  return `${taken}…`;
}

export function cellsOf(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x300) return 1;
  if (/^[\p{Mn}\p{Me}]/u.test(character)) return 0;
  return wide.test(character) || (code >= 0x1100 && isWide(code)) ? 2 : 1;
}

const wide = /^\p{Emoji_Presentation}/u;

/** Blocks of two cells a character. */
const wideBlocks: readonly (readonly [from: number, to: number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xa000, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe10, 0xfe19],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x16fe0, 0x18aff],
  [0x1b000, 0x1b2fb],
  [0x1f300, 0x1f64f],
  [0x1f900, 0x1f9ff],
  [0x20000, 0x3fffd],
];

function isWide(code: number): boolean {
  return wideBlocks.some(([from, to]) => code >= from && code <= to);
}
