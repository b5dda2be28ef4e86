import { Command } from "commander";
import { type ConfigCheckFlags, configCheckCommand } from "./config-check.ts";
import { type ConfigConvertFlags, configConvertCommand } from "./config-convert.ts";
import { type ConfigInitFlags, configInitCommand } from "./config-init.ts";
import { configSchemaCommand } from "./config-schema.ts";
import { type ConfigShowFlags, configShowCommand } from "./config-show.ts";

/** What the commands of `magpie config` do. */
export interface ConfigRuns {
  readonly show: (flags: ConfigShowFlags) => Promise<void>;
  readonly check: (flags: ConfigCheckFlags) => Promise<void>;
  readonly convert: (flags: ConfigConvertFlags) => Promise<void>;
  readonly schema: () => Promise<void>;
  readonly init: (flags: ConfigInitFlags) => Promise<void>;
}

/** What `magpie config` understands: a command of its own for each thing that is done with configs. */
export function configCommand(root: Command, runs: ConfigRuns): Command {
  const group = new Command("config")
    .copyInheritedSettings(root)
    .description("Work with the config: show what holds, check a file, convert one of mirrord, make one.")
    .usage("<command> [options]");
  return group
    .addCommand(configShowCommand(group, runs.show))
    .addCommand(configCheckCommand(group, runs.check))
    .addCommand(configConvertCommand(group, runs.convert))
    .addCommand(configSchemaCommand(group, runs.schema))
    .addCommand(configInitCommand(group, runs.init));
}
