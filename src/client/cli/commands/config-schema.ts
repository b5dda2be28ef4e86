import { Command } from "commander";

/** What `magpie config schema` understands. */
export function configSchemaCommand(group: Command, run: () => Promise<void>): Command {
  return new Command("schema")
    .copyInheritedSettings(group)
    .description("Print the JSON Schema of the config, by which editors complete and check.")
    .allowExcessArguments(false)
    .addHelpText("after", examples)
    .action(() => run());
}

const examples = `
Examples:
  magpie config schema > magpie.schema.json
  and in magpie.json:   "$schema": "./magpie.schema.json"
  in magpie.yaml:       # yaml-language-server: $schema=./magpie.schema.json
  in magpie.toml:       #:schema ./magpie.schema.json

Exit codes: 0 printed.`;
