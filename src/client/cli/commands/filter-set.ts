import { Command } from "commander";
import type { FilterFlags } from "../../subscription-flags/index.ts";
import { addTargetOptions, outputOption } from "./shared-options.ts";
import { addFilterOptions, noFilterGiven } from "./subscription-options.ts";

/** The flags of `magpie filter set` as they were written; an expression counts as one more `--filter`. */
export interface FilterSetFlags extends FilterFlags {
  readonly everything: boolean;
  readonly session?: string;
  readonly port?: string;
  readonly target?: string;
  readonly output: "text" | "json";
}

/** What `magpie filter set` understands. */
export function filterSetCommand(group: Command, run: (flags: FilterSetFlags) => Promise<void>): Command {
  const command = new Command("set")
    .copyInheritedSettings(group)
    .description("Give a running session of yours another filter.")
    .usage("<filter> [--session <id>] [--port <number>] [options]")
    .argument("[filter]", "an expression or JSON filter, as after --filter")
    .allowExcessArguments(false)
    .option("--session <id>", "which session of yours, when there are several")
    .option("-p, --port <number>", "only this port of the target (default: all of the session)");
  return addTargetOptions(addFilterOptions(command))
    .option("--everything", "take every request: no filter", false)
    .addOption(outputOption())
    .addHelpText("after", examples)
    .action((expression: string | undefined, flags: FilterSetFlags) => {
      const filter = [...(expression === undefined ? [] : [expression]), ...(flags.filter ?? [])];
      return run({ ...noFilterGiven, ...flags, filter });
    });
}

const examples = `
The new filter takes the place of the old one between two requests; requests under way stay with whom they are.
Flags of the filter that are given together must all hold, as with \`magpie steal\`.

Examples:
  magpie filter set 'header(x-user) == alice and path ^= "/api"'
  magpie filter set --header 'x-user: alice' --session 7f3a01b2
  magpie filter set --everything --port 80

Exit codes: 0 in force, 1 failed, also when another session is in the way, 2 wrong command line.`;
