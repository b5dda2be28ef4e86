import type { SessionProof } from "../../protocol/index.ts";
import type { Asker } from "./asker.ts";
import type { AskableSession, ControlContext } from "./control-context.ts";

/** The session that an asker may speak for; where it may not, or the session is over, it is refused and gives undefined. */
export function ownSession(
  { sessions }: ControlContext,
  about: { readonly as: SessionProof; readonly asker: Asker },
): AskableSession | undefined {
  const { as, asker } = about;
  for (const session of sessions()) {
    if (session.id !== as.session || session.isObserver) continue;
    if (session.holdsKey(as.key)) return session;
    asker.refuse("not-yours", `session ${session.id} is ${session.name}'s; only its owner can do that`);
    return undefined;
  }
  asker.refuse("no-session", "the session is over");
  return undefined;
}

/** Who asks, for those who are told. */
export function askerName({ sessions }: ControlContext, asker: Asker): string {
  for (const { id, name } of sessions()) if (id === asker.session) return name;
  return "its owner";
}
