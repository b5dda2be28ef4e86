import { Command } from "commander";
import { outputOption, targetOption } from "./shared-options.ts";

/** The flags of `magpie metrics` as they were written. */
export interface MetricsFlags {
  readonly target?: string;
  readonly output: "text" | "json";
}

/** What `magpie metrics` understands. */
export function metricsCommand(root: Command, run: (flags: MetricsFlags) => Promise<void>): Command {
  return new Command("metrics")
    .copyInheritedSettings(root)
    .description("Print what is measured of a target's agent, as Prometheus reads it.")
    .usage("[--target <target>] [options]")
    .allowExcessArguments(false)
    .addOption(targetOption())
    .addOption(outputOption())
    .addHelpText("after", examples)
    .action(run);
}

const examples = `
Examples:
  magpie metrics --target netns:shop
  magpie metrics --target netns:shop --output json

Without --target it is the one where sessions of yours run.
Exit codes: 0 printed, 1 failed, 2 wrong command line.`;
