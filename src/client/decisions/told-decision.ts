import type { DecisionRecord } from "../../protocol/index.ts";

/** A decision with the member of the target whose agent made it; undefined where the target is the one and only. */
export interface ToldDecision extends DecisionRecord {
  readonly member: string | undefined;
}

/** Nothing of it will change: it is over, and so are all its copies. */
export function isFinal({ durationMs, mirrors }: DecisionRecord): boolean {
  return durationMs !== null && mirrors.every(({ outcome }) => outcome !== "under way");
}
