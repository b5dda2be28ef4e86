import { Command } from "commander";
import type { ClusterAgentFlags, ClusterChoice } from "../../target/index.ts";
import { addTargetOptions, outputOption } from "./shared-options.ts";

/** The flags of `magpie inspect`, as they were written. */
export interface InspectCommandFlags extends ClusterChoice, ClusterAgentFlags {
  readonly target?: string;
  readonly session?: string;
  readonly port?: string;
  readonly open: boolean;
  readonly output: "text" | "json";
}

/** Those of `magpie inspect har`. */
export interface InspectHarFlags extends Pick<InspectCommandFlags, "port" | "open" | "output"> {
  readonly file: string;
}

/** What `magpie inspect` understands. */
export function inspectCommand(
  root: Command,
  run: {
    readonly inspect: (flags: InspectCommandFlags) => Promise<void>;
    readonly har: (flags: InspectHarFlags) => Promise<void>;
  },
): Command {
  const command = new Command("inspect")
    .copyInheritedSettings(root)
    .description("Show requests live on a page of this machine, in a browser.")
    .usage("[--session <id>] [--target <target>] [--open] [options]")
    .allowExcessArguments(false);
  addTargetOptions(command)
    .option("--session <id>", "which session of yours, when there are several")
    .option("--port <port>", "the port of the page, where none is open yet and no session of yours runs")
    .option("--open", "open it in your browser", false)
    .addOption(outputOption())
    .addHelpText("after", examples)
    .action(run.inspect);
  const har = new Command("har")
    .copyInheritedSettings(root)
    .description("Show the requests of a HAR file, of a browser or of magpie, on the same page.")
    .argument("<file>", "a HAR file")
    .option("--port <port>", "the port of the page")
    .option("--open", "open it in your browser", false)
    .addOption(outputOption())
    .allowExcessArguments(false)
    .action((file: string, flags: Omit<InspectHarFlags, "file">) => run.har({ ...flags, file }));
  return command.addCommand(har);
}

const examples = `
Examples:
  of your session:          magpie inspect
  of one of several:        magpie inspect --session 7f3a01b2
  in your browser:          magpie inspect --open
  only look on:             magpie inspect --target netns:shop
  a HAR file:               magpie inspect har checkout.har

With a session of yours its own command opens the page, as --inspect does from the begin: this one prints the URL and ends, and
the page lives as long as the session's command. Without one, but with --target, this command serves the page until Ctrl-C; it
shows who got each request and why, heads only, since content is seen by who has the requests.
The URL holds a token: whoever has it may see and send what the page can. Nobody else on this machine gets in.
With --output json: {"event":"inspector","url"}.
Exit codes: 0 opened, or ended as asked, 1 failed, 2 wrong command line.`;
