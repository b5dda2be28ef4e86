import { Command } from "commander";
import type { ExpectPlanFlags } from "../../expect/expect-plan.ts";
import type { ClusterAgentFlags, ClusterChoice } from "../../target/index.ts";
import { collect } from "./collect.ts";
import { addTargetOptions, outputOption } from "./shared-options.ts";
import { addFilterOptions, noFilterGiven } from "./subscription-options.ts";

/** The flags of `magpie expect` as they were written. */
export interface ExpectFlags extends ExpectPlanFlags, ClusterChoice, ClusterAgentFlags {
  readonly target?: string;
  readonly session?: string;
  readonly output: "text" | "json";
}

/** What `magpie expect` understands. */
export function expectCommand(root: Command, run: (flags: ExpectFlags) => Promise<void>): Command {
  const command = new Command("expect")
    .copyInheritedSettings(root)
    .description("Check what becomes of requests beside a running session, for tests and CI.")
    .usage("<conditions> [<filter>] [--target <target>] [options]")
    .allowExcessArguments(false)
    .option("--stolen <count>", "so many requests are stolen, like '>=3', 0 or '<=5'")
    .option("--passed <count>", "so many pass to the app")
    .option("--mirrored <count>", "so many are copied to a session")
    .option("--failed <count>", "of so many an answer failed or was cut")
    .option(
      "--answered-by <who>",
      "a session by name or number, or app, answers one, or so many: 'alice >=3'",
      collect,
    )
    .option("--status <test>", "each is answered so, like '<500' or 2xx; or so many: '5xx 0'", collect)
    .option(
      "--expect <condition>",
      "one condition in full, with its own filter: 'stolen >=3 where path ^= \"/api\"'; repeatable",
      collect,
    );
  return addTargetOptions(addFilterOptions(command))
    .option("-p, --port <number>", "only this port of the target")
    .option("--probes", "count health probes of the platform, too", false)
    .option("--within <duration>", "how long to look, from when the session is there", "60s")
    .option("--for <duration>", "be content when all has held for so long in a row")
    .option(
      "--since <when>",
      "which requests count: from start on, of the session, or of the last 5m",
      "start",
    )
    .option("--wait <duration>", "how long to wait for the session", "60s")
    .option("--session <id>", "beside this session (default: yours)")
    .option("--junit <file>", "write a JUnit report")
    .addOption(outputOption())
    .addHelpText("after", examples)
    .action((flags: Partial<ExpectFlags>) => run({ ...notGiven, ...flags } as ExpectFlags)); // Options have defaults.
}

const notGiven = { ...noFilterGiven, answeredBy: [], status: [], expect: [] };

const examples = `
Counts: 3 (exactly), '>=3', '<=3', '>3', '<3', 0 (none all the time). All conditions must hold. It ends as soon as they hold for
good (all of them '>='), or one cannot hold any more; else when --within is over, or --for where that comes first.
Decisions that the agent could not tell make a result unsure where they could change it.

Examples:
  magpie expect --stolen '>=3' --path '^/api' --within 60s
  magpie expect --stolen '>=1' --failed 0 --status '<500' --for 5s
  magpie expect --passed 0 --header 'x-user: alice' --since session --within 0s
  magpie expect --answered-by 'alice >=1' --answered-by 'bob 0' --grpc shop.Cart
  magpie expect --expect 'stolen >=3 where path ^= "/api"' --expect 'every status 2xx' --junit report.xml

With --output json: {"event":"waiting","message"} and {"event":"expecting","target","session","conditions","since","withinMs",
  "forMs"}, then {"event":"counted","conditions":[{"condition","standing","count","countAtMost"}],"seen","missing","elapsedMs"}
  as it changes, and in the end {"event":"expected","result","why","conditions","seen","missing","elapsedMs","exitCode"};
  result: held, not-held or unsure; standing: certain, holding, open, broken or unsure; conditions have "because", "latest" and
  "nearMisses" then.
Exit codes: 0 held, 1 not held, or failed (no session, no agent), 2 wrong command line, 5 unsure, 128 + n ended by signal n.`;
