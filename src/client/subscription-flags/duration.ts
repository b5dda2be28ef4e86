import { ClientError } from "../errors.ts";

const unitsMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;
/** What a timer of Node can count, 24 days. */
const maxMs = 2 ** 31 - 1;

/** Reads `30s`, `10m`, `1.5h` or `500ms` as milliseconds. @throws ClientError `usage`, naming the flag. */
export function parseDurationMs(flag: string, text: string): number {
  const parts = /^(?<count>\d{1,9}(?:\.\d{1,3})?)(?<unit>ms|s|m|h)$/.exec(text)?.groups;
  const unit = parts?.["unit"] as keyof typeof unitsMs | undefined; // The pattern has no others.
  const durationMs = unit === undefined ? 0 : Math.round(Number(parts?.["count"]) * unitsMs[unit]);
  if (durationMs > 0 && durationMs <= maxMs) return durationMs;
  throw new ClientError("usage", `${flag} ${JSON.stringify(text)} is no duration`, {
    hint: "Write a number and its unit, like 30s, 10m or 2h; 24 days are the most.",
  });
}
