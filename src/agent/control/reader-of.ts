import { namedFields, readFilter } from "../../filters/index.ts";
import type { SessionProof } from "../../protocol/index.ts";
import { anybody, type Reader } from "../trace/index.ts";
import type { Asker } from "./asker.ts";
import type { AskableSession, ControlContext } from "./control-context.ts";
import { ownSession } from "./own-session.ts";

/** Who reads an answer: the session that it may speak for, or anybody. Gives undefined when it was refused. */
export function readerOf(
  context: ControlContext,
  about: {
    readonly as: SessionProof | null;
    readonly asker: Asker;
    readonly wholeHead?: boolean;
    readonly showSecrets?: boolean;
  },
): Reader | undefined {
  const { as, asker, wholeHead = false, showSecrets = false } = about;
  if (as === null) return anybody;
  const session = ownSession(context, { as, asker });
  if (session === undefined) return undefined;
  return { session: session.id, names: namesOf(session), wholeHead, showSecrets };
}

/** The fields that the filters of a session name as they are now. */
function namesOf(session: AskableSession): ReadonlySet<string> {
  const filters = session.listed().subscriptions.map(({ filter }) => filter);
  // They were read before they came into force.
  return new Set(filters.flatMap((filter) => (filter === null ? [] : [...namedFields(readFilter(filter))])));
}
