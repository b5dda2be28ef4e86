import { addAgentOptions } from "./agent-options.ts";
import { Command } from "commander";
import { addEnvironmentOptions, type EnvironmentFlags, environmentRulesText } from "./environment-options.ts";
import { addTargetOptions, outputOption } from "./shared-options.ts";

/** The flags of `magpie explain env` as they were written. */
export interface ExplainEnvFlags extends EnvironmentFlags {
  readonly names: readonly string[];
  readonly showSecrets: boolean;
  readonly output: "text" | "json";
}

/** What `magpie explain env` understands. */
export function explainEnvCommand(group: Command, run: (flags: ExplainEnvFlags) => Promise<void>): Command {
  const command = new Command("env")
    .copyInheritedSettings(group)
    .description("Tell whose value of a variable a program would have, and which rule decides.")
    .usage("<name…> [--target <target>] [options]")
    .argument("<names...>", "variables, like PATH");
  const rules = addEnvironmentOptions(addAgentOptions(addTargetOptions(command)));
  return command
    .option("--show-secrets", "show values also of names like DB_PASSWORD", false)
    .addOption(outputOption())
    .addHelpText("after", `${environmentRulesText}${examples}`)
    .action((names: readonly string[], flags: Omit<ExplainEnvFlags, "rules" | "names">) =>
      run({ ...flags, names, rules }),
    );
}

const examples = `

Examples:
  magpie explain env PATH --target netns:shop
  magpie explain env DB_HOST DB_PORT --target netns:shop --map 'DB_*=none' --include DB_PORT

With --output json a line for each: {"event":"variable","name","source","rule","builtIn","overruled","isInPod","isYours",
"value","explanation"}; source: pod, yours, rule or none; value is masked, cut or null.
Exit codes: 0 told, 1 failed, 2 wrong command line.`;
