import { MAX_GRACE_MS } from "../../protocol/index.ts";
import { ClientError } from "../errors.ts";
import { durationText, parseDuration } from "../text/duration.ts";

/** The flags for a connection that is lost, as they were written. */
export interface LossFlags {
  readonly grace: string;
  readonly onLost: "exit" | "rejoin";
}

/** What is done when the connection to the agent is lost. */
export interface LossPlan {
  /** How long it may come back; 0 not at all. */
  readonly graceMs: number;
  /** What follows when it does not, or the agent has ended by itself. */
  readonly onLost: "exit" | "rejoin";
}

/** @throws ClientError `usage` */
export function lossOfFlags({ grace, onLost }: LossFlags): LossPlan {
  const graceMs = parseDuration(grace);
  if (graceMs !== undefined && graceMs <= MAX_GRACE_MS) return { graceMs, onLost };
  throw new ClientError(
    "usage",
    `--grace ${JSON.stringify(grace)} is no time of at most ${durationText(MAX_GRACE_MS)}`,
    {
      hint: "Write it like 30s, 500ms or 2m; 0 turns it off.",
    },
  );
}
