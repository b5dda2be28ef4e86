import { textOf } from "../context/index.ts";
import { printable } from "../text/paint.ts";

/** A path in bytes as latin-1, as it may be shown on a terminal. */
export function shownPath(path: string): string {
  return printable(textOf(path) ?? path);
}
