import type { ResetCode } from "../../protocol/index.ts";

/** How a delivery ended. */
export type ExchangeOutcome =
  | { readonly how: "done" }
  | { readonly how: "reset-by-agent"; readonly code: ResetCode }
  | { readonly how: "failed"; readonly code: ResetCode; readonly text: string };

/** A delivery under way, as its session sees it. */
export interface Exchange {
  /**
   * Ends it in good order where it has no end of its own: the program of a connection of raw bytes, or of one that was
   * switched, is told that its caller ends, and what it says then, its own end too, still reaches the caller. Anything else
   * goes on. What comes of the caller afterwards is thrown away.
   */
  leave(): void;
  /**
   * Ends it now, on both sides. Does nothing when it is over. Of what was `cancelled` before the program had anything of it
   * the agent is told that it was refused, so that somebody else may answer.
   */
  cancel(code: ResetCode, text: string): void;
}
