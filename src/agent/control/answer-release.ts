import type { ReleaseQuestion } from "../../protocol/index.ts";
import type { Asker } from "./asker.ts";
import type { ControlContext } from "./control-context.ts";
import { NotHeld } from "./not-held.ts";
import { askerName, ownSession } from "./own-session.ts";

/** Ends subscriptions of a session for whoever may; answers when the ports are given back. */
export async function answerRelease(
  context: ControlContext,
  { question, asker }: { question: ReleaseQuestion; asker: Asker },
): Promise<void> {
  const { as, ports } = question;
  const session = ownSession(context, { as, asker });
  if (session === undefined) return;
  try {
    asker.finish(await session.release({ ports, by: askerName(context, asker) }));
  } catch (error) {
    if (!(error instanceof NotHeld)) throw error;
    asker.refuse(error.code, error.message);
  }
}
