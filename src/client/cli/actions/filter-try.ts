import { textOfLine } from "../../json-lines/index.ts";
import { exitCodes } from "../../exit-codes.ts";
import { parsePriority, parseTargetPort } from "../../subscription-flags/index.ts";
import type { FilterTryFlags } from "../commands/filter-try.ts";
import { filterOf } from "./filter-set.ts";
import { printable } from "../../text/paint.ts";
import { askEach, membersOf } from "./each-member.ts";
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
    const { tryFilter } = await import("../../control/index.ts");
    const members = await membersOf(target, signal);
    const answers = await askEach(members, ({ target, member }) => {
      const session = member === undefined ? flags.session : undefined;
      const as = readingSession({ ...context, target }, session);
      return tryFilter({ target, name, signal, question: { kind: "try-filter", as, ...asked } });
    });
    for (const { member, answer } of answers) {
      if (flags.output === "json") {
        const about = { target: target.label, ...(member === undefined ? {} : { member }), filter };
        writeLine(textOfLine({ event: "filter-tried", ...about, ...answer }));
        continue;
      }
      if (member !== undefined) writeLine(paint("bold", printable(member)));
      for (const line of trialLines(answer, paint)) writeLine(line);
    }
    return exitCodes.ok;
  });
}
