import { Command } from "commander";
import { addTargetOptions, outputOption } from "./shared-options.ts";

/** The flags of a command that asks about a target and nothing else, as they were written. */
export interface TargetFlags {
  readonly target?: string;
  readonly output: "text" | "json";
}

/** A command that understands which target is asked, and for whom the answer is. */
export function targetCommand(
  root: Command,
  about: { readonly name: string; readonly description: string; readonly examples: string },
  run: (flags: TargetFlags) => Promise<void>,
): Command {
  const command = new Command(about.name)
    .copyInheritedSettings(root)
    .description(about.description)
    .usage("[--target <target>] [options]")
    .allowExcessArguments(false);
  return addTargetOptions(command).addOption(outputOption()).addHelpText("after", about.examples).action(run);
}
