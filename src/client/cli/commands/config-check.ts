import { Command } from "commander";
import { addConfigOptions, outputOption } from "./shared-options.ts";

/** The flags of `magpie config check` as they were written. */
export interface ConfigCheckFlags {
  readonly file?: string | undefined;
  /** False by `--no-config`, which means nothing here. */
  readonly config?: string | boolean;
  readonly output: "text" | "json";
}

/** What `magpie config check` understands. */
export function configCheckCommand(group: Command, run: (flags: ConfigCheckFlags) => Promise<void>): Command {
  const command = new Command("check")
    .copyInheritedSettings(group)
    .description("Tell everything that is wrong with a config. Nobody is asked, and nothing is started.")
    .usage("[file] [options]")
    .argument("[file]", "which one (default: the one that the other commands find)")
    .allowExcessArguments(false);
  return addConfigOptions(command)
    .addOption(outputOption())
    .addHelpText("after", examples)
    .action((file: string | undefined, flags: ConfigCheckFlags) => run({ ...flags, file }));
}

const examples = `
What steal, mirror and exec would refuse of its values is told too, and all of its profiles are looked at. Whether the target is
there is not: templates are filled in by the variables and the branch of this machine.

Examples:
  magpie config check
  magpie config check deploy/magpie.yaml
  magpie config check --output json

With --output json a line for each problem: {"event":"problem","file","line","column","field","message","hint"}, then
  {"event":"checked","file","problems"}. line, column and hint may be null. A notice, of a config of mirrord, is a line of the same
  form before them.
Exit codes: 0 nothing is wrong, 1 something is, or there is no config, 2 wrong command line.`;
