import type { Subscription } from "../../routing/index.ts";
import type { TracedMirror } from "../../trace/index.ts";

/** What became of a session's copy, for those who ask later: it is filled in as it becomes known. */
export interface CopyFact {
  readonly session: string;
  readonly name: string;
  outcome: string;
  /** Its session was sent the head. */
  isBegun?: boolean;
}

/** Why nothing was copied. */
export const NOT_COPIED = {
  skipped: "beyond its sample or rate",
  away: "the session's connection is lost just now",
  full: "the session has as many copies under way as it may",
} as const;
export type NotCopied = keyof typeof NOT_COPIED;

/** What begins as under way. */
export function newCopyFact({ holder }: Subscription): CopyFact {
  return { session: holder.id, name: holder.name, outcome: "under way" };
}

const known = new WeakMap<Subscription, Partial<Record<NotCopied, readonly [TracedMirror]>>>();

/**
 * That nothing was copied, as a list of its own, the same each time: a session that hangs must not make every request
 * leave objects behind that live as long as the decision is remembered.
 */
export function notCopied(subscription: Subscription, why: NotCopied): readonly [TracedMirror] {
  let facts = known.get(subscription);
  if (facts === undefined) {
    facts = {};
    known.set(subscription, facts);
  }
  const outcome = `${why === "skipped" ? why : "dropped"}: ${NOT_COPIED[why]}`;
  return (facts[why] ??= [{ ...newCopyFact(subscription), outcome }]);
}
