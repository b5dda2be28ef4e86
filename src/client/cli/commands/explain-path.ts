import { Command } from "commander";
import { addFileOptions, type FileFlags, fileRulesText } from "./file-options.ts";
import { addConfigOptions, outputOption } from "./shared-options.ts";

/** The flags of `magpie explain path` as they were written. */
export interface ExplainPathFlags extends FileFlags {
  readonly paths: readonly string[];
  /** A name as the shell finds it, or a path. */
  readonly program?: string;
  readonly output: "text" | "json";
}

/** What `magpie explain path` understands. */
export function explainPathCommand(group: Command, run: (flags: ExplainPathFlags) => Promise<void>): Command {
  const command = new Command("path")
    .copyInheritedSettings(group)
    .description("Tell whose file a program would see at a path, and which rule decides.")
    .usage("<path…> [options]")
    .argument("<paths...>", "paths, like /etc/app.conf");
  return addConfigOptions(addFileOptions(command))
    .option("--program <name>", "the program that would run: what is installed with it is yours")
    .addOption(outputOption())
    .addHelpText("after", `${fileRulesText}${examples}`)
    .action((paths: readonly string[], flags: Omit<ExplainPathFlags, "paths">) => run({ ...flags, paths }));
}

const examples = `

Examples:
  magpie explain path /etc/app.conf /usr/share/zoneinfo
  magpie explain path /var/lib/app/db --file 'read-write:/var/lib/app' --file 'absent:/etc/secret'

With --output json a line for each: {"event":"path","path","mode","rule","origin","overruled","explanation"}; mode: read,
read-write, local or absent; rule is how it was written, or why it is built in, null when none fits; origin: flag, built-in,
made or null.
Exit codes: 0 told, 1 failed, 2 wrong command line.`;
