import { z } from "zod";
import { count, duration, member, port, requestId, sessionId, time } from "./fields.ts";

const atMost = count.nullable().describe("with all that is not known; null: nobody knows how many");

const standing = z
  .enum(["certain", "holding", "open", "broken", "unsure"])
  .describe("holds for good, holds and may break, does not hold yet, never will, nobody knows");

const numbers = {
  condition: z.string(),
  standing,
  count: count.describe("how many fit"),
  countAtMost: atMost,
  wrong: count.optional().describe("of `every`: how many have another status"),
  wrongAtMost: atMost.optional(),
};

const seen = z
  .strictObject({ total: count, stolen: count, passed: count, mirrored: count, failed: count })
  .describe("all that came, whatever is expected");

const missing = count.nullable().describe("decisions that nobody has told of; null: nobody knows how many");

const shown = z.strictObject({
  requestId,
  at: time,
  port,
  method: z.string(),
  target: z.string(),
  verdict: z.enum(["stolen", "original", "opaque", "stolen-raw"]),
  status: z.int().nullable(),
  session: sessionId.nullable(),
  sessionName: z.string().nullable(),
  failure: z.string().nullable(),
  member: member.optional(),
  because: z.array(z.string()).describe("what does not fit"),
});

export const waiting = z
  .strictObject({ event: z.literal("waiting"), message: z.string() })
  .describe("Of expect: the session is not there yet.");

export const expecting = z
  .strictObject({
    event: z.literal("expecting"),
    target: z.string(),
    session: sessionId,
    conditions: z.array(z.string()),
    since: z.string(),
    withinMs: duration,
    forMs: duration.nullable(),
  })
  .describe("Of expect: requests count from here on at the latest.");

export const counted = z
  .strictObject({
    event: z.literal("counted"),
    conditions: z.array(z.strictObject(numbers)),
    seen,
    missing,
    elapsedMs: duration,
  })
  .describe("Of expect: how it stands, when it changes.");

export const expected = z
  .strictObject({
    event: z.literal("expected"),
    result: z.enum(["held", "not-held", "unsure"]),
    why: z.enum(["settled", "broken", "held-long-enough", "time-is-over", "session-ended"]),
    conditions: z.array(
      z.strictObject({
        ...numbers,
        result: z.enum(["held", "not-held", "unsure"]),
        because: z.string(),
        latest: z.array(shown).describe("the latest that count; of `every` those with another status"),
        nearMisses: z.array(shown).describe("the latest that do not, nearest ones first"),
      }),
    ),
    seen,
    missing,
    elapsedMs: duration,
    exitCode: z.int(),
  })
  .describe("Of expect: what came of it; the last line.");
