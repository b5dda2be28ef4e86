import type { ResetCode } from "../../protocol/index.ts";

/** How a delivery ended. */
export type ExchangeOutcome =
  | { readonly how: "done" }
  | { readonly how: "reset-by-agent"; readonly code: ResetCode }
  | { readonly how: "failed"; readonly code: ResetCode; readonly text: string };

/** A delivery under way, as its session sees it. */
export interface Exchange {
  /** Ends it now, on both sides. Does nothing when it is over. */
  cancel(code: ResetCode, text: string): void;
}
