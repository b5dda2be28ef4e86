import type { Asker } from "./asker.ts";
import type { ControlContext } from "./control-context.ts";

/** Who holds what, from the oldest session to the newest. */
export function answerSessions(context: ControlContext, asker: Asker): void {
  const sessions = Array.from(context.sessions())
    .filter(({ isObserver }) => !isObserver)
    .map((session) => session.listed())
    .toSorted((one, other) => one.since - other.since);
  asker.finish({ sessions });
}
