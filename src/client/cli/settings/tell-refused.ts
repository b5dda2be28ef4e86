import { type ConfigProblem, problemLines, problemText } from "../../config/index.ts";
import type { Command } from "commander";
import { ClientError } from "../../errors.ts";
import { printable } from "../../text/paint.ts";
import type { SettingsRefused } from "./settings-refused.ts";

/** Everything that is wrong, for people: as `tellError` writes it, with the line of the file under it. */
export function refusedText({ problems }: SettingsRefused): string {
  return problems.map((problem) => `${linesOf(problem).map(printable).join("\n")}\n`).join("");
}

function linesOf(problem: ConfigProblem | ClientError): readonly string[] {
  if (!(problem instanceof ClientError))
    return problemLines(problem).map((line, at) => (at === 0 ? `error: ${line}` : line));
  const { message, hint } = problem;
  return [`error: ${message}`, ...(hint === undefined ? [] : [`  ${hint}`])];
}

/** The first of them as the line with which a run ends, for programs. */
export function refusedLine({ problems }: SettingsRefused): string {
  const [first] = problems;
  if (first === undefined) return "";
  const message = first instanceof ClientError ? first.message : problemText(first);
  return JSON.stringify({ event: "ended", code: "usage", message, hint: first.hint ?? null });
}

/** Whether a command was to write JSON lines, as far as that is known before its settings are. */
export function wantsJson(command: Command, place: { environment: NodeJS.ProcessEnv } | undefined): boolean {
  const output: unknown = command.getOptionValue("output");
  if (command.getOptionValueSource("output") === "cli") return output === "json";
  return output !== undefined && place?.environment["MAGPIE_OUTPUT"] === "json";
}
