import { FilterError, readFilter } from "../../filters/index.ts";
import type { TryFilterQuestion } from "../../protocol/index.ts";
import type { Asker } from "./asker.ts";
import type { ControlContext } from "./control-context.ts";
import { DraftFilter } from "./draft-filter.ts";
import { FilterTrial } from "./filter-trial.ts";
import { readerOf } from "./reader-of.ts";

/** Work that one trial may cause; what is older then is left out. */
const MAX_BUSY_MS = 500;

/**
 * Says what a filter that is not in force would have matched of what is remembered, and whose filters it would meet.
 *
 * Whoever tries many learns from their counts what values are, those of secrets too: nothing that a ticket does not give
 * anyway, since its holder may steal the next request with all that is in it. Masks keep secrets from eyes, not from those
 * who are after them.
 */
export async function answerTryFilter(
  context: ControlContext,
  { question, asker }: { question: TryFilterQuestion; asker: Asker },
): Promise<void> {
  const { trace, routes, patience } = context;
  const reader = readerOf(context, { as: question.as, asker });
  if (reader === undefined) return;
  let draft: DraftFilter;
  try {
    draft = new DraftFilter(question.filter === null ? undefined : readFilter(question.filter));
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    return asker.refuse("bad-filter", error.message);
  }
  const trial = new FilterTrial({ trace, routes, draft, reader, question });
  const isDone = await patience.each(
    trace.seqs(),
    (seq) => {
      const recording = trace.get(seq);
      return recording === undefined || trial.ask(recording);
    },
    { signal: asker.signal, maxBusyMs: MAX_BUSY_MS },
  );
  if (!asker.signal.aborted) asker.finish(trial.result(!isDone));
}
