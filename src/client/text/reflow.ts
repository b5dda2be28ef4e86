import { widthOf, wrapToWidth } from "./fit-width.ts";

/** Lines of prose that are this long were broken by whoever wrote them, and go on in the next. */
const brokenFrom = 85;
/** What every help says in a paragraph of its own. */
const begins = /^(?:[A-Z][a-z]+(?: [a-z]+)?: |With --)/;
/** Longer lines of prose are hard to read. */
const readableColumns = 100;

/**
 * Breaks a help text anew for a screen: prose that begins at the margin is put together and filled, indented lines (examples,
 * tables) are only broken where they are too wide, with what goes over indented further.
 */
export function reflow(text: string, columns: number): string {
  const lines: string[] = [];
  let prose = "";
  const flush = (): void => {
    if (prose !== "") lines.push(...wrapToWidth(prose, Math.min(columns, readableColumns)));
    prose = "";
  };
  for (const line of text.split("\n")) {
    const isProse = /^\S/.test(line);
    if (!isProse) {
      flush();
      lines.push(...hanging(line, columns));
      continue;
    }
    if (begins.test(line)) flush();
    prose = prose === "" ? line : `${prose} ${line}`;
    if (line.length < brokenFrom) flush();
  }
  flush();
  return lines.join("\n");
}

function hanging(line: string, columns: number): string[] {
  if (widthOf(line) <= columns) return [line];
  const [indent = ""] = /^\s*/.exec(line) ?? [];
  const [first = "", ...others] = wrapToWidth(line, columns);
  if (others.length === 0) return [first];
  const deeper = `${indent}    `;
  return [first, ...wrapToWidth(`${deeper}${others.map((one) => one.trim()).join(" ")}`, columns)];
}
