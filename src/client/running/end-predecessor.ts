import type { SessionProof } from "../../protocol/index.ts";
import { ClientError } from "../errors.ts";
import type { Session } from "../session/index.ts";

/**
 * Gives back what a session of ours holds that was lost: its agent may wait for it still, and would refuse us its ports.
 * Whoever has its key may.
 * @throws ClientError `session-lost`; the signal's reason.
 */
export async function endPredecessor(
  session: Session,
  about: { readonly predecessor: SessionProof; readonly signal: AbortSignal },
): Promise<void> {
  const { predecessor: as, signal } = about;
  try {
    for await (const _ of session.ask({ kind: "release", as, ports: [] }, { signal })) return;
  } catch (error) {
    // It is over already, or it was another agent's.
    if (!(error instanceof ClientError) || error.code !== "ask-refused") throw error;
  }
}
