import { Command } from "commander";
import { type FilterSetFlags, filterSetCommand } from "./filter-set.ts";
import { type FilterTryFlags, filterTryCommand } from "./filter-try.ts";

/** What the commands of `magpie filter` do. */
export interface FilterRuns {
  readonly set: (flags: FilterSetFlags) => Promise<void>;
  readonly try: (flags: FilterTryFlags) => Promise<void>;
}

/** What `magpie filter` understands: a command of its own for each thing that is done with filters. */
export function filterCommand(root: Command, runs: FilterRuns): Command {
  const group = new Command("filter")
    .copyInheritedSettings(root)
    .description("Work with filters: replace that of a running session, or try one out.")
    .usage("<command> [options]");
  return group.addCommand(filterSetCommand(group, runs.set)).addCommand(filterTryCommand(group, runs.try));
}
