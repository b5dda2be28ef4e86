import type { Command } from "commander";
import type { RuleFlag, VariableFlags, WrittenRule } from "../../context/index.ts";

/** The flags that say where variables come from, as they were written. */
export interface EnvironmentFlags extends VariableFlags {
  readonly target?: string;
  /** Which of several pods. */
  readonly from?: string;
}

const rulesOfCommands = new WeakMap<Command, WrittenRule[]>();

/** The list of a command that has these flags. */
export function environmentRulesOf(command: Command): WrittenRule[] | undefined {
  return rulesOfCommands.get(command);
}

/** Adds the flags; gives the list of rules, which is filled while a command line is read. */
export function addEnvironmentOptions(command: Command): readonly WrittenRule[] {
  const rules: WrittenRule[] = [];
  rulesOfCommands.set(command, rules);
  const add = (flag: RuleFlag) => (text: string) => void rules.push({ flag, text });
  command
    .option("--from <pod>", "which pod of the target is asked for one's own (default: the first)")
    .option("--process <pid>", "whose environment (default: the target's, or the one that listens there)")
    .option("--include <name>", "take the pod's; * is any run of characters, as in all names", add("include"))
    .option("--exclude <name>", "leave the pod's out: yours stays", add("exclude"))
    .option("--override <name=value>", "set a variable", add("override"))
    .option("--unset <name>", "have no such variable", add("unset"))
    .option("--map <name=value>", "give this value to every variable there is of these names", add("map"))
    .option(
      "--from-env-file <file>",
      "set the variables of a file, read as node --env-file does",
      add("from-env-file"),
    );
  return rules;
}

/** What both commands say about the rules. */
export const environmentRulesText = `
All these may be repeated. Of those that name a variable the one that is written last decides; what none names is the pod's,
or yours where the pod has none. A list that is built in counts as written first: PATH, HOME, PWD, SHELL, TERM and others that
name folders of the machine, the user, the terminal or where a language is installed stay yours.`;
