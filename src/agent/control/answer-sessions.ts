import type { ListedSession } from "../../protocol/index.ts";
import type { Asker } from "./asker.ts";
import type { ControlContext } from "./control-context.ts";

/** What one answer holds, in bytes of JSON: with the largest filter behind it, it fits a message. */
const PART_BYTES = 128 * 1024;

/**
 * Who holds what, from the oldest session to the newest, in as many answers as it takes. A session whose subscriptions are
 * too many for one answer goes on in the next, under the same id.
 */
export function answerSessions(context: ControlContext, asker: Asker): void {
  const sessions = Array.from(context.sessions())
    .filter(({ isObserver }) => !isObserver)
    .map((session) => session.listed())
    .toSorted((one, other) => one.since - other.since);
  let part: ListedSession[] = [];
  let bytes = 0;
  for (const session of sessions)
    for (const piece of piecesOf(session)) {
      const pieceBytes = bytesOf(piece);
      if (bytes > 0 && bytes + pieceBytes > PART_BYTES) {
        asker.tell({ sessions: part });
        part = [];
        bytes = 0;
      }
      part.push(piece);
      bytes += pieceBytes;
    }
  asker.finish({ sessions: part });
}

function piecesOf(session: ListedSession): ListedSession[] {
  const { subscriptions, ...about } = session;
  if (subscriptions.length < 2 || bytesOf(session) <= PART_BYTES) return [session];
  return subscriptions.map((subscription) => ({ ...about, subscriptions: [subscription] }));
}

function bytesOf(listed: ListedSession): number {
  return Buffer.byteLength(JSON.stringify(listed));
}
