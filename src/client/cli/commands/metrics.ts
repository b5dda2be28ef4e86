import type { Command } from "commander";
import { targetCommand, type TargetFlags } from "./target-command.ts";

/** What `magpie metrics` understands. */
export function metricsCommand(root: Command, run: (flags: TargetFlags) => Promise<void>): Command {
  return targetCommand(
    root,
    {
      name: "metrics",
      description: "Print what is measured of a target's agent, as Prometheus reads it.",
      examples,
    },
    run,
  );
}

const examples = `
Examples:
  magpie metrics --target netns:shop
  magpie metrics --target netns:shop --output json

Without --target it is the one where sessions of yours run.
Exit codes: 0 printed, 1 failed, 2 wrong command line.`;
