import { FilterError } from "../../filters/index.ts";
import type { SetFilterQuestion } from "../../protocol/index.ts";
import { RouteConflict } from "../routing/index.ts";
import type { Asker } from "./asker.ts";
import type { ControlContext } from "./control-context.ts";
import { NotHeld } from "./not-held.ts";
import { askerName, ownSession } from "./own-session.ts";

/** Replaces the filter of a session for whoever may. */
export function answerSetFilter(
  context: ControlContext,
  { question, asker }: { question: SetFilterQuestion; asker: Asker },
): void {
  const { as, port, filter } = question;
  const session = ownSession(context, { as, asker });
  if (session === undefined) return;
  try {
    asker.finish(session.setFilter({ port, filter, by: askerName(context, asker) }));
  } catch (error) {
    if (error instanceof FilterError) return asker.refuse("bad-filter", error.message);
    if (!(error instanceof NotHeld || error instanceof RouteConflict)) throw error;
    asker.refuse(error.code, error.message);
  }
}
