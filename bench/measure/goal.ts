/** One goal with what was measured; `measured` is undefined when a contender it needs did not run. */
export interface Goal {
  readonly text: string;
  readonly unit: string;
  readonly limit: number;
  readonly direction: "at least" | "at most";
  readonly measured: number | undefined;
}

/** Whether a goal is met, undefined when it was not measured. */
export function isMet({ measured, limit, direction }: Goal): boolean | undefined {
  if (measured === undefined || Number.isNaN(limit)) return undefined;
  return direction === "at least" ? measured >= limit : measured <= limit;
}
