import { Command } from "commander";
import type { FilterFlags } from "../../subscription-flags/index.ts";
import { addTargetOptions, outputOption } from "./shared-options.ts";
import { addFilterOptions, noFilterGiven } from "./subscription-options.ts";

/** The flags of `magpie filter try` as they were written; an expression counts as one more `--filter`. */
export interface FilterTryFlags extends FilterFlags {
  readonly everything: boolean;
  readonly session?: string;
  readonly port?: string;
  readonly priority: string;
  readonly last: string;
  readonly target?: string;
  readonly output: "text" | "json";
}

/** What `magpie filter try` understands. */
export function filterTryCommand(group: Command, run: (flags: FilterTryFlags) => Promise<void>): Command {
  const command = new Command("try")
    .copyInheritedSettings(group)
    .description("Show what a filter would have matched of the latest requests. Nothing is changed.")
    .usage("<filter> [--target <target>] [--port <number>] [options]")
    .argument("[filter]", "an expression or JSON filter, as after --filter")
    .allowExcessArguments(false)
    .option("--last <number>", "over so many requests", "1000")
    .option("-p, --port <number>", "only this port of the target")
    .option("--priority <number>", "as it would have", "0")
    .option("--session <id>", "whose filter it would replace (default: yours, when it is the only one)");
  return addTargetOptions(addFilterOptions(command))
    .option("--everything", "take every request: no filter", false)
    .addOption(outputOption())
    .addHelpText("after", examples)
    .action((expression: string | undefined, flags: FilterTryFlags) => {
      const filter = [...(expression === undefined ? [] : [expression]), ...(flags.filter ?? [])];
      return run({ ...noFilterGiven, ...flags, filter });
    });
}

const examples = `
Near misses are requests for which all conditions of the filter but one held. Overlaps are filters of others that match
some of the same requests; of two, the one of higher priority is asked first, then the more specific, then the older.

Examples:
  magpie filter try 'header(x-user) == alice and path ^= "/api"'
  magpie filter try --header 'x-user: alice' --target netns:shop --last 100

With --output json, one line: {"event":"filter-tried","target","filter","considered","matched","unread","isCut","examples",
  "nearMissCount","nearMisses","overlaps","refusals","memory"}; examples: [{"requestId","at","port","method","target",
  "session"}]; nearMisses: the same with "clause" and "because"; overlaps: [{"session","name","port","filter","both",
  "isDraftFirst"}]; refusals: [{"port","code","message"}].
Exit codes: 0 tried, also when nothing matched, 1 failed, 2 wrong command line.`;
