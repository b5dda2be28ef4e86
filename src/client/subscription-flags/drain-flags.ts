import { ClientError } from "../errors.ts";
import { parseDuration } from "../text/duration.ts";

/** What `--drain-max` is when it is not given. */
export const defaultDrainMaxMs = 12 * 3_600_000;

/** A timer's longest time, in whole days. */
const maxMs = 24 * 86_400_000;

/** Reads `--drain-max` as milliseconds. @throws ClientError `usage` */
export function drainMaxOf(text: string): number {
  const durationMs = parseDuration(text);
  if (durationMs !== undefined && durationMs <= maxMs) return durationMs;
  throw new ClientError("usage", `--drain-max ${JSON.stringify(text)} is no duration`, {
    hint: "Write a number and its unit, like 30s, 10m or 12h; 24 days are the most.",
  });
}
