import { Command } from "commander";
import { collect } from "./collect.ts";
import { addTargetOptions, outputOption } from "./shared-options.ts";

/** The flags of `magpie release` as they were written. */
export interface ReleaseFlags {
  readonly session?: string | undefined;
  readonly target?: string;
  readonly port: readonly string[];
  readonly output: "text" | "json";
}

/** What `magpie release` understands. */
export function releaseCommand(root: Command, run: (flags: ReleaseFlags) => Promise<void>): Command {
  const command = new Command("release")
    .copyInheritedSettings(root)
    .description("End a session of yours, or some of its ports, gently.")
    .usage("[session] [--port <number>] [options]")
    .argument("[session]", "which one, as `magpie sessions` shows it; not needed when there is only one")
    .allowExcessArguments(false)
    .option("-p, --port <number>", "only this port of the target; repeatable", collect);
  return addTargetOptions(command)
    .addOption(outputOption())
    .addHelpText("after", examples)
    .action((session: string | undefined, flags: Omit<ReleaseFlags, "session">) =>
      run({ ...notGiven, ...flags, session }),
    );
}

const notGiven = { port: [] };

const examples = `
The ports are given back at once; requests under way go on to their end. A command whose last port is released ends its
program, if it has one, and exits with 0. Sessions of other people are theirs: \`magpie steal --take-over\` asks for a place.

Examples:
  magpie release
  magpie release 7f3a01b2 --port 81

Exit codes: 0 released, 1 failed, also when the session is somebody else's, 2 wrong command line.`;
