import { Command } from "commander";
import { outputOption, targetOption } from "./shared-options.ts";

/** The flags of `magpie sessions` as they were written. */
export interface SessionsFlags {
  readonly target?: string;
  readonly output: "text" | "json";
}

/** What `magpie sessions` understands. */
export function sessionsCommand(root: Command, run: (flags: SessionsFlags) => Promise<void>): Command {
  return new Command("sessions")
    .copyInheritedSettings(root)
    .description("List who holds which requests of a target.")
    .usage("[--target <target>] [options]")
    .allowExcessArguments(false)
    .addOption(targetOption())
    .addOption(outputOption())
    .addHelpText("after", examples)
    .action(run);
}

const examples = `
Examples:
  magpie sessions --target netns:shop
  magpie sessions --target netns:shop --output json

Without --target it is the one where sessions of yours run; those are marked with a star. A session is away while its
connection is lost; its requests wait for it, for the time of its --grace.
With --output json, one line: {"event":"sessions","target",
  "sessions":[{"id","name","since","awaySince","own","subscriptions":[{"id","port","mode","filter","priority",
  "revision","since","requests","copies","until","requestsLeft"}]}]}. Times are milliseconds since 1970; awaySince, filter,
  copies, until and requestsLeft may be null.
Exit codes: 0 listed, also when nobody is there, 1 failed, 2 wrong command line.`;
