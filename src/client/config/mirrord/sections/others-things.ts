import type { Config } from "../../schema/index.ts";
import type { MirrordConfig } from "../shape/mirrord.ts";
import type { TranslationReport } from "../translation-report.ts";

const leaveOut = "Leave it out of the file, where that is meant.";

/**
 * Refuses what is without counterpart and keeps a program of mirrord's away from things of others: to run it without would take
 * their requests or messages, or write into their databases.
 */
export function refuseOthersThings(
  config: MirrordConfig,
  incoming: NonNullable<Config["incoming"]>,
  report: TranslationReport,
): void {
  const { profile, feature = {} } = config;
  if (profile !== undefined)
    report.problem(
      ["profile"],
      "a profile of mirrord's operator, which may say what is stolen, cannot be read",
      {
        hint: "Write what it says into the file, and leave profile out.",
      },
    );
  const { copy_target: copy, split_queues: queues, db_branches: branches } = feature;
  if (copy === true || (typeof copy === "object" && copy.enabled !== false)) {
    const path = ["feature", "copy_target"];
    if (incoming.mode === "steal" && incoming.filter === undefined)
      report.problem(
        path,
        "no copy of the target is made, and what is stolen would be the target's own requests, all of them",
        {
          hint: "Add an http_filter for yours, or leave copy_target out.",
        },
      );
    else report.notice(path, "no copy of the target is made; the target itself is used, and keeps running");
  }
  if (queues !== undefined && Object.keys(queues).length > 0)
    report.problem(
      ["feature", "split_queues"],
      "queues are not split: the program would take messages of the app",
      {
        hint: `Give it a queue of its own, as by feature.env.override. ${leaveOut}`,
      },
    );
  const own = branches?.findIndex(({ type, location }) => type !== "redis" || location === "local") ?? -1;
  if (own !== -1)
    report.problem(
      ["feature", "db_branches", own],
      "databases are not branched: the program would work on the app's own",
      { hint: `Give it one of its own, as by feature.env.override. ${leaveOut}` },
    );
}
