import { textOfLine } from "../../json-lines/index.ts";
import { type Filter, formatFilter } from "../../../filters/index.ts";
import { ClientError } from "../../errors.ts";
import { exitCodes } from "../../exit-codes.ts";
import { proofOf } from "../../own-sessions/index.ts";
import { type FilterFlags, filterOfFlags, parseTargetPort } from "../../subscription-flags/index.ts";
import { printable } from "../../text/paint.ts";
import type { FilterSetFlags } from "../commands/filter-set.ts";
import { askEach } from "./each-member.ts";
import { runOwnQuestion } from "./question.ts";
import { tellError } from "./terminal.ts";

/** Runs `magpie filter set`; gives the exit code. */
export function runFilterSet(flags: FilterSetFlags): Promise<number> {
  const read = () => ({
    filter: filterOf(flags),
    port: flags.port === undefined ? null : parseTargetPort(flags.port),
  });
  return runOwnQuestion(flags, read, async (context, { filter, port }) => {
    const { target, session, parts, name, signal, writeLine, paint } = context;
    const { setFilter } = await import("../../control/index.ts");
    const sessions = new Map(parts.map((part) => [part.target, part.session]));
    const answers = await askEach(
      parts,
      ({ target }) => {
        const as = proofOf(sessions.get(target) ?? session);
        return setFilter({ target, name, signal, as, port, filter });
      },
      // Where it is not set now, the command itself sets it.
      () => true,
    );
    const ports = [...new Set(answers.flatMap(({ answer }) => answer.ports))];
    const revision = answers[0]?.answer.revision ?? 0;
    if (flags.output === "json") {
      const members = answers.flatMap(({ member, answer }) =>
        member === undefined ? [] : [{ member, revision: answer.revision }],
      );
      const ofWhole = session.whole === undefined ? {} : { members };
      const about = { session: session.session, target: target.label, ports, filter, revision, ...ofWhole };
      writeLine(textOfLine({ event: "filter-set", ...about }));
    } else {
      const what = filter === null ? "every request" : `requests with ${formatFilter(filter)}`;
      const where = `port ${ports.map((one) => paint("cyan", String(one))).join(", ")}`;
      const who = session.whole === undefined ? `session ${paint("bold", session.session)}` : "your session";
      const whose = `${who} has ${paint("bold", printable(what))} of ${where}`;
      if (session.whole === undefined) writeLine(`${whose} from revision ${revision} on`);
      else
        writeLine(
          `${whose} of ${printable(target.label)} from now on: set on ${answers.length} of ${parts.length}`,
        );
    }
    return exitCodes.ok;
  });
}

/** The one filter of all flags; null for none. @throws ClientError `usage`; what else is wrong has been told then */
export function filterOf(flags: FilterFlags & { readonly everything: boolean }): Filter | null {
  const problems: ClientError[] = [];
  const filter = filterOfFlags(flags, problems);
  const [first, ...others] = problems;
  for (const problem of others) tellError(problem);
  if (first !== undefined) throw first;
  if (filter !== null && flags.everything)
    throw new ClientError("usage", "--everything and a filter contradict each other");
  if (filter !== null || flags.everything) return filter;
  throw new ClientError("usage", "it is not said which filter", {
    hint: "Write an expression like 'header(x-user) == alice', or --everything for none.",
  });
}
