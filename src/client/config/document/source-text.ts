import { printable } from "../../text/paint.ts";
import type { Span } from "./config-node.ts";

/** A place in a file, for people: line and column begin at 1, columns are characters. */
export interface FilePlace {
  /** As it is shown: from the folder one is in, where it lies below. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

const windowColumns = 100;

/** A text with the name of its file, in which places are found. */
export class SourceText {
  readonly file: string;
  readonly text: string;
  #lineBegins: readonly number[] | undefined;

  constructor(file: string, text: string) {
    this.file = file;
    this.text = text;
  }

  placeAt(offset: number): FilePlace {
    const begins = this.#begins();
    let low = 0;
    let high = begins.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((begins[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    const before = this.text.slice(begins[low] ?? 0, offset);
    // Characters, not UTF-16 units.
    return { file: this.file, line: low + 1, column: Array.from(before).length + 1 };
  }

  /** The line that a stretch begins in, and carets under it: two lines, no colours. Long lines are cut. */
  excerpt({ begin, end }: Span): readonly string[] {
    const { line } = this.placeAt(begin);
    const lineBegin = this.#begins()[line - 1] ?? 0;
    const newline = this.text.indexOf("\n", lineBegin);
    const lineEnd = newline === -1 ? this.text.length : newline;
    const start = Math.max(lineBegin, begin - windowColumns / 2);
    const shown = this.text.slice(start, Math.min(lineEnd, start + windowColumns)).trimEnd();
    const width = Math.max(1, Math.min(end, start + shown.length) - begin);
    const number = String(line);
    // One column for one code unit: a tab or a control byte must not move the carets.
    const line1 = `${number} | ${printable(shown.replaceAll("\t", " "))}`;
    return [
      line1,
      `${" ".repeat(number.length)} | ${" ".repeat(Math.max(0, begin - start))}${"^".repeat(width)}`,
    ];
  }

  #begins(): readonly number[] {
    if (this.#lineBegins !== undefined) return this.#lineBegins;
    const begins = [0];
    for (let at = this.text.indexOf("\n"); at !== -1; at = this.text.indexOf("\n", at + 1))
      begins.push(at + 1);
    this.#lineBegins = begins;
    return begins;
  }
}
