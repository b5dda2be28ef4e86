import { Command } from "commander";
import { addEnvironmentOptions } from "./environment-options.ts";
import { execCommand } from "./exec.ts";
import { mirrorCommand } from "./mirror.ts";
import { outputOption } from "./shared-options.ts";
import { stealCommand } from "./steal.ts";

/** The flags of `magpie config show` that are its own; those of a session are read where they are shown. */
export interface ConfigShowFlags {
  readonly command: Command;
  readonly origin: boolean;
  readonly showSecrets: boolean;
  readonly output: "text" | "json";
}

/** What `magpie config show` understands: every flag of a session too, to see what it would come to. */
export function configShowCommand(group: Command, run: (flags: ConfigShowFlags) => Promise<void>): Command {
  const command = new Command("show")
    .copyInheritedSettings(group)
    .description("Show what holds, of flags, variables, config and defaults.")
    .usage("[--origin] [flags of steal, mirror and exec]")
    .allowExcessArguments(false)
    .option("--origin", "with the place that each value came from", false)
    .option("--show-secrets", "show values also of names like DB_PASSWORD", false)
    .addOption(outputOption());
  // Its own list of rules, which those of exec would fill elsewhere.
  addEnvironmentOptions(command);
  const ignored = () => Promise.resolve();
  for (const session of [stealCommand, mirrorCommand, execCommand]) {
    for (const option of session(group, ignored).options) {
      const isThere = command.options.some(({ long }) => long === option.long);
      if (isThere) continue;
      command.addOption(option);
    }
  }
  const own = ["--origin", "--show-secrets", "--output", "--config", "--no-config", "--profile"];
  for (const option of command.options) if (!own.includes(option.long ?? "")) option.hideHelp();
  return command
    .addHelpText("after", examples)
    .action((flags: Omit<ConfigShowFlags, "command">) => run({ ...flags, command }));
}

const examples = `
A flag goes before a variable, a variable before the config, and the config before the default. Of a flag that may be repeated,
what goes before takes the place of the whole list. Every field has a flag and a variable: docs/config.md lists them.

Examples:
  magpie config show
  magpie config show --origin
  magpie config show --origin --target deployment/other --profile ci
  magpie config show --output json

With --output json, one line: {"event":"config","file","profile","fields":[{"field","value","source"}]}; source: {"kind":"flag",
  "name"}, {"kind":"variable","name"}, {"kind":"file","file","line","column"} or {"kind":"default"}. file and profile may be null.
Exit codes: 0 shown, 2 wrong command line or config.`;
