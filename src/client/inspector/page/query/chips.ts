import type { Row } from "../../page-contract.ts";

/** Quick choices beside the filter box. Of the first three those that are on are shown; with none on, all are. */
export interface Chips {
  readonly stolen: boolean;
  readonly mirrored: boolean;
  readonly passed: boolean;
  readonly failed: boolean;
  readonly probes: boolean;
}

export type ChipName = keyof Chips;

/** At first everything is shown but probes. */
export const firstChips: Chips = {
  stolen: false,
  mirrored: false,
  passed: false,
  failed: false,
  probes: false,
};

/** Whether the chips let a row be seen. */
export function chipsTake(chips: Chips, row: Row): boolean {
  if (row.isProbe && !chips.probes) return false;
  if (chips.failed && !isFailure(row)) return false;
  const { stolen, mirrored, passed } = chips;
  return chips[row.what] || !(stolen || mirrored || passed);
}

/** Whether something went wrong: no answer, a status from 400 on, a gRPC status other than OK. */
export function isFailure(row: Row): boolean {
  return row.state === "failed" || (row.status ?? 0) >= 400 || (row.grpcStatus ?? 0) > 0;
}
