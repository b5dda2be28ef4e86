import { cellsOf } from "./cell-width.ts";

/** Texts of ours with colours (ECMA-48 SGR); everything else in them is harmless. */
// oxlint-disable-next-line no-control-regex -- the escape of ECMA-48
const style = /\x1b\[[0-9;]*m/y;

/** Breaks a line with colours where the screen ends; each piece has the colours of its place. */
export function wrapStyled(line: string, width: number): string[] {
  const pieces: string[] = [];
  let styles = "";
  let piece = "";
  let left = width;
  for (let at = 0; at < line.length; ) {
    style.lastIndex = at;
    const found = style.exec(line)?.[0];
    if (found !== undefined) {
      styles += found;
      piece += found;
      at += found.length;
      continue;
    }
    const character = String.fromCodePoint(line.codePointAt(at) ?? 0x20);
    const cells = cellsOf(character);
    if (cells > left) {
      pieces.push(piece);
      piece = styles;
      left = width;
    }
    piece += character;
    left -= cells;
    at += character.length;
  }
  pieces.push(piece);
  return pieces;
}
