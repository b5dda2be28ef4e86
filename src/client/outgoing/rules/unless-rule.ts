import type { OutgoingRule, Where } from "./outgoing-rule.ts";

/** A rule that stands before the one that decides, and fits when something is so that is not known yet. */
export interface UnlessRule {
  readonly rule: OutgoingRule;
  /** As the end of "… unless". */
  readonly when: string;
}

/** Those that may change where it leads: behind the last such one, all lead there anyway. */
export function relevantConditions(unless: readonly UnlessRule[], where: Where): readonly UnlessRule[] {
  return unless.slice(0, unless.findLastIndex(({ rule }) => rule.where !== where) + 1);
}
