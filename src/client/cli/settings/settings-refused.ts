import type { ConfigProblem } from "../../config/index.ts";
import type { ClientError } from "../../errors.ts";

/** What was said neither by a flag nor well: of a variable, or of a file. Nothing has been started. */
export class SettingsRefused extends Error {
  override readonly name = "SettingsRefused";
  readonly problems: readonly (ConfigProblem | ClientError)[];

  constructor(problems: readonly (ConfigProblem | ClientError)[]) {
    super("settings that cannot be used");
    this.problems = problems;
  }
}
