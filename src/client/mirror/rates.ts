import { ClientError } from "../errors.ts";

const secondsOf = { s: 1, m: 60, h: 3_600 } as const;
const maxPerSecond = 1_000_000;

/** Reads `10%` or `0.1` as a share, above 0 and up to 1. @throws ClientError `usage` */
export function parseSample(text: string): number {
  const parts = /^(?<count>\d{1,3}(?:\.\d{1,6})?|\.\d{1,6})(?<percent>%?)$/.exec(text)?.groups;
  const share = Number(parts?.["count"]) / (parts?.["percent"] === "%" ? 100 : 1);
  if (share > 0 && share <= 1) return share;
  throw new ClientError("usage", `--sample ${JSON.stringify(text)} is no share of requests`, {
    hint: "Write a share above 0 and up to all of them, like 10% or 0.1.",
  });
}

/** Reads `50`, `50/s`, `100/m` or `10/h` as copies a second. @throws ClientError `usage` */
export function parseRate(text: string): number {
  const parts = /^(?<count>\d{1,7}(?:\.\d{1,3})?)(?:\/(?<unit>[smh]))?$/.exec(text)?.groups;
  const unit = (parts?.["unit"] ?? "s") as keyof typeof secondsOf; // The pattern has no others.
  const rate = Number(parts?.["count"]) / secondsOf[unit];
  if (rate > 0 && rate <= maxPerSecond) return rate;
  throw new ClientError("usage", `--max-rate ${JSON.stringify(text)} is no rate`, {
    hint: "Write how many copies there may be in a second, minute or hour: 50, 50/s, 100/m or 10/h.",
  });
}
