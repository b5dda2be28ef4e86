import type { ByteText } from "./byte-text.ts";

/**
 * A flag that says where variables come from. Not `--env-file`: node looks for that behind the script's name too, obeys the
 * NODE_OPTIONS in the file, and reads a FIFO empty before we are there (Node 26.10, 2026-11-29).
 */
export type RuleFlag = "include" | "exclude" | "override" | "unset" | "map" | "from-env-file";

/** Such a flag as it was written. */
export interface WrittenRule {
  readonly flag: RuleFlag;
  readonly text: string;
}

/**
 * A rule of the user about variables.
 *
 * | kind      | what it names | what the program gets                                   |
 * |-----------|---------------|---------------------------------------------------------|
 * | `include` | a pattern     | the pod's value; where the pod has none, yours          |
 * | `exclude` | a pattern     | yours, whatever the pod has                             |
 * | `unset`   | a pattern     | no such variable                                        |
 * | `set`     | one name      | this value                                              |
 * | `map`     | a pattern     | this value, where there would be such a variable at all |
 *
 * `written` is how the user named it, for messages: it never holds a value.
 */
export type EnvironmentRule =
  | { readonly kind: "include" | "exclude" | "unset"; readonly pattern: ByteText; readonly written: string }
  | { readonly kind: "set"; readonly name: ByteText; readonly value: ByteText; readonly written: string }
  | { readonly kind: "map"; readonly pattern: ByteText; readonly value: ByteText; readonly written: string };
