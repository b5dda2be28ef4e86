import type { Bounds } from "../../protocol/index.ts";
import { ClientError } from "../errors.ts";
import { parseDuration } from "../text/duration.ts";

/** The flags by which a session ends by itself. */
export interface BoundsFlags {
  readonly maxRequests?: string;
  readonly for?: string;
}

/** Reads the flags; `problems` gets what is wrong with them. */
export function boundsOfFlags(flags: BoundsFlags, problems: ClientError[]): Bounds {
  const { maxRequests, for: duration } = flags;
  return {
    maxRequests: maxRequests === undefined ? null : countOf(maxRequests, problems),
    forMs: duration === undefined ? null : durationOf(duration, problems),
  };
}

function countOf(text: string, problems: ClientError[]): number | null {
  const count = /^\d{1,15}$/.test(text) ? Number(text) : 0;
  if (count > 0) return count;
  problems.push(
    new ClientError("usage", `--max-requests ${JSON.stringify(text)} is no number above 0`, {
      hint: "Write how many requests it may be, like 100.",
    }),
  );
  return null;
}

function durationOf(text: string, problems: ClientError[]): number | null {
  const durationMs = parseDuration(text) ?? 0;
  if (durationMs > 0 && durationMs <= maxMs) return durationMs;
  problems.push(
    new ClientError("usage", `--for ${JSON.stringify(text)} is no duration`, {
      hint: "Write a number and its unit, like 30s, 10m or 2h; 24 days are the most.",
    }),
  );
  return null;
}

/** What a timer of Node can count, 24 days. */
const maxMs = 2 ** 31 - 1;
