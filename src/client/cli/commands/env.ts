import { addAgentOptions } from "./agent-options.ts";
import { Command, Option } from "commander";
import { addEnvironmentOptions, type EnvironmentFlags, environmentRulesText } from "./environment-options.ts";
import { addTargetOptions } from "./shared-options.ts";

/** The flags of `magpie env` as they were written. */
export interface EnvFlags extends EnvironmentFlags {
  readonly all: boolean;
  readonly output: "text" | "json" | "shell" | "dotenv";
}

/** What `magpie env` understands. */
export function envCommand(root: Command, run: (flags: EnvFlags) => Promise<void>): Command {
  const command = new Command("env")
    .copyInheritedSettings(root)
    .description(
      "Print the environment that a program would have in the place of a target's, secrets included.",
    )
    .usage("[--target <target>] [options]")
    .allowExcessArguments(true);
  const rules = addEnvironmentOptions(addAgentOptions(addTargetOptions(command)));
  return command
    .option("--all", "print also what is yours and stays as it is", false)
    .addOption(
      new Option(
        "--output <form>",
        "for people, as a JSON line, for a shell to read, or as a file of variables",
      )
        .choices(["text", "json", "shell", "dotenv"])
        .default("text"),
    )
    .addHelpText("after", `${environmentRulesText}${examples}`)
    .action((flags: Omit<EnvFlags, "rules">) => {
      // Commander's own words would repeat what was written, which may be a value.
      if (command.args.length > 0)
        command.error("error: too many arguments; --override NAME=value sets a variable");
      return run({ ...flags, rules });
    });
}

const examples = `

Examples:
  magpie env --target netns:shop
  magpie env --target netns:shop --exclude '*' --include 'SHOP_*' --override LOG_LEVEL=debug
  eval "$(magpie env --target pid:4711 --output shell)"
  magpie env --target netns:shop --output dotenv > .env

shell      export and unset lines for sh, bash and zsh: every byte of a value comes through.
dotenv     as node --env-file reads it: other programs may differ where a value stands in quotes. Docker's --env-file takes
           quotes for a part of the value.
text       one line for each variable; what is not printable stands in $'…', as bash writes it.
json       one line: {"event":"environment","target","process":{"pid","name","because"},"isOverwritten",
           "variables":[{"name","value","source","rule"}],"yours"}; source: pod, yours, rule or none, which is unset. value is
           null with "valueBase64" where it is no UTF-8; yours: how many were left out without --all.
What cannot be said in a form is left out and named on stderr. An agent is started for the question where none runs.
Exit codes: 0 printed, 1 failed, 2 wrong command line.`;
