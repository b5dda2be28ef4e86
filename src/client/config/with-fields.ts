import { bindings } from "./bindings.ts";

/** A flag within a text; its name without dashes is captured. */
export const flagPattern = /(?<![\w-])--([a-z][a-z-]*)/g;

/** A text with the names of fields in place of those of flags. */
export function withFields(text: string): string {
  return text.replace(
    flagPattern,
    (whole, name: string) => bindings.find(({ flag }) => flag === name)?.field ?? whole,
  );
}
