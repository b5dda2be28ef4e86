import type { ConfigProblem } from "../../config/index.ts";
import { textOfLine } from "../../json-lines/index.ts";

/** Fields of a config that have no counterpart, until somebody tells them. A command is run once in a process. */
let held: readonly ConfigProblem[] = [];

/** Keeps what is to be told when the first line has been. */
export function holdUntranslated(notices: readonly ConfigProblem[]): void {
  held = notices;
}

/** Gives what was kept as lines of JSON, once. */
export function takeUntranslated(): string[] {
  const lines = held.map(untranslatedLine);
  held = [];
  return lines;
}

/** A field of a config that has no counterpart, as a line of JSON. */
export function untranslatedLine({ file, place, field, message, hint }: ConfigProblem): string {
  const { line = null, column = null } = place ?? {};
  return textOfLine({ event: "untranslated", file, line, column, field, message, hint: hint ?? null });
}
