import type { Screen, ScreenSize } from "./screen-lines.ts";

// ECMA-48 control functions and modes of xterm (https://invisible-island.net/xterm/ctlseqs/ctlseqs.html).
const csi = "\x1b[";
const beginUpdate = `${csi}?2026h`;
const endUpdate = `${csi}?2026l`;
const hideCursor = `${csi}?25l`;
const showCursor = `${csi}?25h`;
const resetColours = `${csi}0m`;
const eraseLine = `${csi}K`;
const eraseScreen = `${csi}2J`;

/** Another screen instead of what stands in the terminal, no wrapping at its end, no cursor. */
export const enterScreen = `${csi}?1049h${csi}?7l${hideCursor}${csi}2J`;
/** All that back. */
export const leaveScreen = `${endUpdate}${resetColours}${csi}?7h${showCursor}${csi}?1049l`;

/** What stands on a screen, so that only lines that have changed are written. */
export class DrawnScreen {
  #lines: readonly string[] = [];
  #cursor = "";

  /** Nothing is known of the screen any more. */
  forget(): void {
    this.#lines = [];
    this.#cursor = "";
  }

  /** Gives what is to be written; "" when it looks so already. */
  draw({ lines, cursor }: Screen, size: ScreenSize): string {
    const isNew = this.#lines.length !== lines.length;
    const changed = lines.slice(0, size.rows).flatMap((line, row) =>
      !isNew && this.#lines[row] === line
        ? []
        : [
            // Erased before: behind a line as wide as the screen the cursor stands on its last cell.
            `${csi}${row + 1};1H${eraseLine}${line}${resetColours}`,
          ],
    );
    const place =
      cursor === undefined ? hideCursor : `${csi}${cursor.row + 1};${cursor.column + 1}H${showCursor}`;
    const isSame = changed.length === 0 && place === this.#cursor;
    this.#lines = lines;
    this.#cursor = place;
    if (isSame) return "";
    return `${beginUpdate}${isNew ? eraseScreen : ""}${changed.length > 0 ? hideCursor : ""}${changed.join("")}${place}${endUpdate}`;
  }
}

/** Puts a text into the clipboard of the terminal, where that allows it (OSC 52). */
export function copyToClipboard(text: string): string {
  return `\x1b]52;c;${Buffer.from(text).toString("base64")}\x07`;
}
