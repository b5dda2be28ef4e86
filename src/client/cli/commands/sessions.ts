import type { Command } from "commander";
import { targetCommand, type TargetFlags } from "./target-command.ts";

/** What `magpie sessions` understands. */
export function sessionsCommand(root: Command, run: (flags: TargetFlags) => Promise<void>): Command {
  return targetCommand(
    root,
    { name: "sessions", description: "List who holds which requests of a target.", examples },
    run,
  );
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
