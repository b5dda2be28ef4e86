import type { JsonLine } from "./json-line.ts";

/** A line of `--output json` without its end. Only what the contract knows can be written. */
export function textOfLine(line: JsonLine): string {
  return JSON.stringify(line);
}
