import { Command } from "commander";
import { type ExplainEnvFlags, explainEnvCommand } from "./explain-env.ts";
import { type ExplainHostFlags, explainHostCommand } from "./explain-host.ts";
import { type ExplainPathFlags, explainPathCommand } from "./explain-path.ts";

/** What the commands of `magpie explain` do. */
export interface ExplainRuns {
  readonly env: (flags: ExplainEnvFlags) => Promise<void>;
  readonly host: (flags: ExplainHostFlags) => Promise<void>;
  readonly path: (flags: ExplainPathFlags) => Promise<void>;
}

/** What `magpie explain` understands: a command of its own for each thing that rules decide about. */
export function explainCommand(root: Command, runs: ExplainRuns): Command {
  const group = new Command("explain")
    .copyInheritedSettings(root)
    .description("Tell which rule decides what a program would see, and why. Nothing is run.")
    .usage("<command> [options]");
  return group
    .addCommand(explainEnvCommand(group, runs.env))
    .addCommand(explainHostCommand(group, runs.host))
    .addCommand(explainPathCommand(group, runs.path));
}
