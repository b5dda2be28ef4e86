import type { Notice } from "../../protocol/index.ts";
import { ClientError } from "../errors.ts";
import type { OwnSession } from "./own-session.ts";
import { OwnSessions, type RememberedSession } from "./own-sessions.ts";

/** Writes a session down for other commands until it is disposed. Where that fails, the session goes on, and it is told. */
export function rememberSession(
  session: Omit<OwnSession, "pid" | "startTime" | "since">,
  about: { readonly onNotice: (notice: Notice) => void },
): RememberedSession {
  try {
    return new OwnSessions().remember(session);
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    const message = `other commands will not find this session: ${error.message}`;
    about.onNotice({ type: "notice", level: "warning", code: "not-remembered", message });
    return { addPort: () => undefined, [Symbol.dispose]: () => undefined };
  }
}
