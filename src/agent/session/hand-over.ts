import type { RouteConflict, Routes, Subscription } from "../routing/index.ts";

/** How long a holder is told before its place goes to somebody else. */
const HAND_OVER_MS = 2_000;

/** Somebody's place is not to be had. `kept`: its session was started so. `away`: nobody is there to take it. */
export class PlaceKept extends Error {
  override readonly name = "PlaceKept";
  readonly code: "kept" | "away";

  constructor(code: "kept" | "away", message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * Puts a subscription into force in the place of the other session's that it cannot stand beside.
 *
 * Whoever holds the place learns at once who asks for it, and has it for two seconds more, to end what should end in good
 * order; it cannot refuse, unless its session was started to keep it. A holder whose connection is lost has no such time, since
 * its requests wait; for the same reason nobody whose connection is lost gets a place. Then it changes hands in one revision, so
 * that no request in between is the app's; exchanges under way stay with whom they are. `onPlaced` is called with the revision
 * at that very moment. Gives false when `isWanted` says no after the wait.
 * @throws PlaceKept; RouteConflict when somebody else has the place by then
 */
export async function takePlace(about: {
  readonly routes: Routes;
  readonly wanted: Subscription;
  readonly conflict: RouteConflict;
  readonly isWanted: () => boolean;
  readonly onPlaced: (revision: number) => void;
}): Promise<boolean> {
  const { routes, wanted, conflict, isWanted, onPlaced } = about;
  const { first } = conflict;
  // One's own place is given up, not taken.
  if (first.holder.id === wanted.holder.id) throw conflict;
  if (first.isKept) throw new PlaceKept("kept", `${conflict.message}, who keeps it (--keep)`);
  const [taker, holder] = [nameOf(wanted), nameOf(first)];
  const noticeMs = first.holder.isAway ? 0 : HAND_OVER_MS;
  const soon = noticeMs === 0 ? "now" : `in ${noticeMs / 1_000} s`;
  first.tell({
    level: "warning",
    code: "hand-over-wanted",
    message: `${taker} asks for port ${first.port} and gets it ${soon}; requests under way stay with you`,
  });
  wanted.tell({
    level: "info",
    code: "hand-over",
    message: `${holder} holds port ${first.port} and was told that it goes to you ${soon}`,
  });
  const { promise: noticed, resolve } = Promise.withResolvers<void>();
  setTimeout(resolve, noticeMs);
  await noticed;
  if (!isWanted()) {
    const message = `${taker} does not want port ${first.port} any more`;
    first.tell({ level: "info", code: "hand-over-wanted", message });
    return false;
  }
  // The holder has left meanwhile, or changed its filter.
  if (routes.of(first.port)?.subscriptions.includes(first) !== true) {
    onPlaced(routes.add(wanted));
    return true;
  }
  if (wanted.holder.isAway) {
    const message = `the connection of ${taker} is lost: port ${first.port} stays yours`;
    first.tell({ level: "info", code: "hand-over-wanted", message });
    throw new PlaceKept(
      "away",
      `${holder} keeps it, since the connection of this session was lost meanwhile`,
    );
  }
  onPlaced(routes.replace([{ before: first, after: wanted }]));
  first.end("taken", `${taker} has taken port ${first.port} over`);
  wanted.tell({ level: "info", code: "hand-over", message: `${holder} has handed port ${first.port} over` });
  return true;
}

function nameOf({ holder }: Subscription): string {
  return `${holder.name} (session ${holder.id})`;
}
