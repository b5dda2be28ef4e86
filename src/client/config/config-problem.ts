import type { FilePlace } from "./document/index.ts";

/** Something that is wrong with a config, as it is told. */
export interface ConfigProblem {
  /** `incoming.ports.0`; "" where it is about the file as a whole. */
  readonly field: string;
  readonly message: string;
  readonly hint: string | undefined;
  /** Undefined where the file could not be read at all. */
  readonly place: FilePlace | undefined;
  readonly file: string;
  /** The line of the file with carets under what is wrong; empty without a place. */
  readonly excerpt: readonly string[];
}

/** Where a problem is: `magpie.json:4:14`. */
export function placeText({ file, line, column }: FilePlace): string {
  return `${file}:${line}:${column}`;
}

/** In one line. */
export function problemText({ field, message, place, file }: ConfigProblem): string {
  const where = place === undefined ? file : placeText(place);
  // Most messages say what a field is or has; those that quote a value stand by themselves.
  const isOfField = /^(?:is|has) /.test(message);
  const what =
    field === "" || message.startsWith(field)
      ? message
      : isOfField
        ? `${field} ${message}`
        : `${field}: ${message}`;
  return `${where}: ${what}`;
}

/** In several lines, as people read it: the place, the excerpt, the hint. */
export function problemLines(problem: ConfigProblem): readonly string[] {
  const hint = problem.hint === undefined ? [] : [`  ${problem.hint}`];
  return [problemText(problem), ...problem.excerpt.map((line) => `    ${line}`), ...hint];
}
