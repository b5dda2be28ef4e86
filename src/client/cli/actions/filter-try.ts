import { exitCodes } from "../../exit-codes.ts";
import { parsePriority, parseTargetPort } from "../../subscription-flags/index.ts";
import type { FilterTryFlags } from "../commands/filter-try.ts";
import { filterOf } from "./filter-set.ts";
import { runQuestion } from "./question.ts";
import { parseCount, readingSession } from "./reading-session.ts";
import { trialLines } from "./trial-lines.ts";

/** Runs `magpie filter try`; gives the exit code. */
export function runFilterTry(flags: FilterTryFlags): Promise<number> {
  const read = () => ({
    port: flags.port === undefined ? null : parseTargetPort(flags.port),
    filter: filterOf(flags),
    priority: parsePriority(flags.priority),
    last: parseCount("--last", flags.last),
  });
  return runQuestion(flags, read, async (context, asked) => {
    const { target, name, signal, writeLine, paint } = context;
    const { filter } = asked;
    const question = { kind: "try-filter", as: readingSession(context, flags.session), ...asked } as const;
    const { tryFilter } = await import("../../control/index.ts");
    const tried = await tryFilter({ target, name, signal, question });
    if (flags.output === "json")
      writeLine(JSON.stringify({ event: "filter-tried", target: target.label, filter, ...tried }));
    else for (const line of trialLines(tried, paint)) writeLine(line);
    return exitCodes.ok;
  });
}
