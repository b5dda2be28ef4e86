import type { Command } from "commander";
import { problemText } from "../../config/index.ts";
import { paintFor, printable } from "../../text/paint.ts";
import { type AppliedSettings, nameOf } from "./apply-settings.ts";
import { holdUntranslated } from "./untranslated.ts";

/** Commands that hold a session: whoever starts one should know what it was told by a file. */
const told = ["steal", "mirror", "exec"];

/**
 * Says in one line which config counts, for people; of one of another tool, what becomes of its fields, in a line each. In lines
 * of JSON they stand behind the first one (`../actions/say-hello.ts`).
 */
export function tellConfig(
  command: Command,
  about: { applied: AppliedSettings; output: { writeErr: (text: string) => void } },
): void {
  const { file, loaded } = about.applied;
  if (file === undefined || !told.includes(nameOf(command))) return;
  const paint = paintFor(process.stderr, process.env);
  const notices = loaded?.notices ?? [];
  if (command.getOptionValue("output") === "json") return holdUntranslated(notices);
  const profile = loaded?.profile === undefined ? "" : ` (profile ${loaded.profile})`;
  const line = printable(`config: ${file.shown}${profile}`);
  about.output.writeErr(`${paint("dim", line)}\n`);
  for (const notice of notices)
    about.output.writeErr(`${paint("yellow", "!")} ${printable(problemText(notice))}\n`);
}
