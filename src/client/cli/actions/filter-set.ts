import { type Filter, formatFilter } from "../../../filters/index.ts";
import { ClientError } from "../../errors.ts";
import { exitCodes } from "../../exit-codes.ts";
import { proofOf } from "../../own-sessions/index.ts";
import { type FilterFlags, filterOfFlags, parseTargetPort } from "../../subscription-flags/index.ts";
import { printable } from "../../text/paint.ts";
import type { FilterSetFlags } from "../commands/filter-set.ts";
import { runOwnQuestion } from "./question.ts";
import { tellError } from "./terminal.ts";

/** Runs `magpie filter set`; gives the exit code. */
export function runFilterSet(flags: FilterSetFlags): Promise<number> {
  const read = () => ({
    filter: filterOf(flags),
    port: flags.port === undefined ? null : parseTargetPort(flags.port),
  });
  return runOwnQuestion(flags, read, async (context, { filter, port }) => {
    const { target, session, name, signal, writeLine, paint } = context;
    const { setFilter } = await import("../../control/index.ts");
    const as = proofOf(session);
    const { ports, revision } = await setFilter({ target, name, signal, as, port, filter });
    if (flags.output === "json") {
      const about = { session: session.session, target: target.label, ports, filter, revision };
      writeLine(JSON.stringify({ event: "filter-set", ...about }));
    } else {
      const what = filter === null ? "every request" : `requests with ${formatFilter(filter)}`;
      const where = `port ${ports.map((one) => paint("cyan", String(one))).join(", ")}`;
      const whose = `session ${paint("bold", session.session)} has ${paint("bold", printable(what))} of ${where}`;
      writeLine(`${whose} from revision ${revision} on`);
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
