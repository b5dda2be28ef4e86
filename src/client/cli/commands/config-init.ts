import { Command, Option } from "commander";
import { outputOption } from "./shared-options.ts";

/** The flags of `magpie config init` as they were written. */
export interface ConfigInitFlags {
  readonly file?: string | undefined;
  readonly yes: boolean;
  readonly target?: string;
  readonly port?: string;
  readonly header?: string;
  readonly mode?: "steal" | "mirror" | "off";
  readonly output: "text" | "json";
}

/** What `magpie config init` understands. */
export function configInitCommand(group: Command, run: (flags: ConfigInitFlags) => Promise<void>): Command {
  return new Command("init")
    .copyInheritedSettings(group)
    .description("Write a config with comments, after a few questions. Nothing is written over.")
    .usage("[file] [options]")
    .argument(
      "[file]",
      "where to, ending in .json, .jsonc, .toml, .yaml or .yml (default: .magpie/magpie.jsonc)",
    )
    .allowExcessArguments(false)
    .option("-y, --yes", "ask nothing: what no flag says stays open", false)
    .option("-t, --target <target>", "in whose place, like deployment/web")
    .option("-p, --port <mapping>", "which port, like 80:3000")
    .option("--header <pattern>", "whose requests, like 'x-user: {{ env.USER }}'")
    .addOption(
      new Option("--mode <mode>", "what exec does with requests").choices(["steal", "mirror", "off"]),
    )
    .addOption(outputOption())
    .addHelpText("after", examples)
    .action((file: string | undefined, flags: ConfigInitFlags) => run({ ...flags, file }));
}

const examples = `
A flag answers its question. Without a terminal nothing is asked: give --yes, or --target.

Examples:
  magpie config init
  magpie config init magpie.yaml --target deployment/web --port 80:3000 --header 'x-user: {{ env.USER }}'
  magpie config init --yes

With --output json, one line: {"event":"config-written","file"}.
Exit codes: 0 written, 1 failed, also when there is a file already, 2 wrong command line.`;
