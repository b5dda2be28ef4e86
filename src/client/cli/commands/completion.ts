import { Argument, Command } from "commander";
import { type Shell, shells } from "../completion/shell-scripts.ts";

/** What `magpie completion` understands. */
export function completionCommand(root: Command, run: (flags: { shell: Shell }) => Promise<void>): Command {
  return new Command("completion")
    .copyInheritedSettings(root)
    .description("Print what a shell needs to complete commands, flags, targets and sessions on Tab.")
    .usage("<shell>")
    .addArgument(new Argument("<shell>", "of which shell").choices(shells))
    .allowExcessArguments(false)
    .addHelpText("after", examples)
    .action((shell: Shell) => run({ shell }));
}

const examples = `
Put the line of your shell into its start file:
  bash, ~/.bashrc:                    eval "$(magpie completion bash)"
  zsh, ~/.zshrc:                      eval "$(magpie completion zsh)"
  fish, ~/.config/fish/config.fish:   magpie completion fish | source

What can be completed is asked of magpie itself at each Tab, so this never has to be done again. Targets are those that
\`magpie targets\` lists, as far as they can be found within a second.
Exit codes: 0 printed, 2 wrong command line.`;
