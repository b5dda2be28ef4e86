import { Command, Option } from "commander";
import { type ConfigFormat, configFormats } from "../../config/write/config-format.ts";

/** The flags of `magpie config convert` as they were written. */
export interface ConfigConvertFlags {
  readonly file?: string | undefined;
  readonly to?: ConfigFormat;
  /** Where it is written; to stdout when absent. */
  readonly out?: string;
}

/** What `magpie config convert` understands. */
export function configConvertCommand(
  group: Command,
  run: (flags: ConfigConvertFlags) => Promise<void>,
): Command {
  return new Command("convert")
    .copyInheritedSettings(group)
    .description("Write a config of mirrord as one of magpie, or one of magpie in another format.")
    .usage("[file] [options]")
    .argument("[file]", "which one (default: the one that the other commands find)")
    .addOption(
      new Option("--to <format>", "how it is written (default: as --out ends, else as it was)").choices(
        configFormats,
      ),
    )
    .option("-o, --out <file>", "where it is written, a file that is not there yet (default: stdout)")
    .allowExcessArguments(false)
    .addHelpText("after", examples)
    .action((file: string | undefined, flags: ConfigConvertFlags) => run({ ...flags, file }));
}

const examples = `
What it does stays the same: what mirrord does where a field is left out is written down where magpie would do something else.
Fields that have no counterpart are told one by one, and stand as comments at the begin; JSON has none, JSONC has. Templates are
kept where the same is right for everybody. docs/from-mirrord.md tells what becomes of each field.

Examples:
  magpie config convert .mirrord/mirrord.json -o .magpie/magpie.jsonc
  magpie config convert mirrord.json --to yaml
  magpie config convert -o .magpie/magpie.toml

Exit codes: 0 written, 1 something is wrong with it, or there is no config, 2 wrong command line.`;
