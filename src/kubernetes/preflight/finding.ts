/** How much something matters: what is fine, what is good to know, what may go wrong, and what makes it useless to begin. */
export type FindingLevel = "ok" | "note" | "warning" | "blocker";

/** One thing that was looked at. Texts are sentences without an end, for people; `id` is for programs and stays. */
export interface Finding {
  readonly id: string;
  readonly level: FindingLevel;
  readonly what: string;
  /** Why it matters. */
  readonly why?: string;
  /** What to do about it. */
  readonly fix?: string;
}

const ranks: Readonly<Record<FindingLevel, number>> = { blocker: 0, warning: 1, note: 2, ok: 3 };

/** The gravest first; those of one level stay in their order. */
export function byGravity(findings: readonly Finding[]): Finding[] {
  return findings.toSorted((a, b) => ranks[a.level] - ranks[b.level]);
}
