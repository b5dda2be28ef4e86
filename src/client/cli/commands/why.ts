import { Command } from "commander";
import { addTargetOptions, outputOption } from "./shared-options.ts";

/** The flags of `magpie why` as they were written. */
export interface WhyFlags {
  readonly requestId?: string | undefined;
  readonly target?: string;
  readonly session?: string;
  readonly last?: string;
  readonly path?: string;
  readonly port?: string;
  readonly follow: boolean;
  readonly wholeHead: boolean;
  readonly showSecrets: boolean;
  readonly output: "text" | "json";
}

/** What `magpie why` understands. */
export function whyCommand(root: Command, run: (flags: WhyFlags) => Promise<void>): Command {
  const command = new Command("why")
    .copyInheritedSettings(root)
    .description("Tell who got which request of a target, and why.")
    .usage("[request-id] [--target <target>] [options]")
    .argument("[request-id]", "only this request, as --trace names it")
    .allowExcessArguments(false);
  command.option("-f, --follow", "go on with each request that ends from now on", false);
  return addTargetOptions(command)
    .option("--last <number>", "the latest requests (default: 10)")
    .option("--path <pattern>", "only requests whose path matches, like '^/api/'")
    .option("-p, --port <number>", "only this port of the target")
    .option(
      "--session <id>",
      "see what this session of yours may see (default: yours, when it is the only one)",
    )
    .option("--whole-head", "with all fields of the requests that your session has had", false)
    .option("--show-secrets", "of these requests secrets, too", false)
    .addOption(outputOption())
    .addHelpText("after", examples)
    .action((requestId: string | undefined, flags: WhyFlags) => run({ ...flags, requestId }));
}

const examples = `
The agent remembers the latest 4,096 decisions. Everybody sees method, path, names of fields and which clauses held; values
of fields only whose session's own filters name them, or who has had the request. Secrets are masked.

Examples:
  magpie why                         the latest requests of the target of your session
  magpie why 2k                      one request, by the number that --trace shows
  magpie why --path ^/api/ --last 50
  magpie why --follow --output json
  magpie why 2k --whole-head --show-secrets

With --output json a line for each, then how far it reaches back:
  {"event":"decision","seq","requestId","at","port","peer","protocol","method","target","verdict","reason","explanation",
  "unexplained","headerNames","head","status","firstByteMs","durationMs","bytesIn","bytesOut","revision","session",
  "sessionName","subscription","failure","isProbe","mirrors"}
  verdict: original, stolen, opaque or stolen-raw. explanation: [{"session","name","filter","priority","revision","matches",
  "because","clauses"}] of the filters that were asked, in their order; clauses: {"result","kind","clause","because","parts"} or null;
  mirrors: [{"session","name","outcome"}]; durationMs is null while a request is under way.
  {"event":"untold","count"} where decisions were left out, {"event":"memory","kept","dropped","since"} behind the rest.
Exit codes: 0 told, 1 failed, also when a request is not remembered, 2 wrong command line.`;
