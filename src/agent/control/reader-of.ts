import type { SessionProof } from "../../protocol/index.ts";
import { anybody, type Reader } from "../trace/index.ts";
import type { Asker } from "./asker.ts";
import type { ControlContext } from "./control-context.ts";
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
  return { session: session.id, names: session.names, wholeHead, showSecrets };
}
