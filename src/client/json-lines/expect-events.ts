import { z } from "zod";
import { count, duration, member, port, requestId, sessionId, time } from "./fields.ts";

const numbers = {
  standing: z.enum(["certain", "holding", "open", "broken", "unsure"]),
  count,
  countAtMost: count.nullable().describe("null: more than anybody knows"),
  wrong: count.optional(),
  wrongAtMost: count.nullable().optional(),
};

const seen = z
  .strictObject({ total: count, stolen: count, passed: count, mirrored: count, failed: count })
  .describe("requests so far");

const shown = z.strictObject({
  requestId,
  at: time,
  port,
  method: z.string(),
  target: z.string(),
  verdict: z.string(),
  status: z.int().nullable(),
  session: sessionId.nullable(),
  sessionName: z.string().nullable(),
  failure: z.string().nullable(),
  member: member.optional(),
  because: z.array(z.string()),
});

export const waiting = z
  .strictObject({ event: z.literal("waiting"), message: z.string() })
  .describe("Of expect: what is waited for before it begins.");

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
  .describe("Of expect: it begins.");

export const counted = z
  .strictObject({
    event: z.literal("counted"),
    conditions: z.array(z.strictObject({ condition: z.string(), ...numbers })),
    seen,
    missing: count.nullable(),
    elapsedMs: duration,
  })
  .describe("Of expect: how it stands.");

export const expected = z
  .strictObject({
    event: z.literal("expected"),
    result: z.string(),
    why: z.string(),
    conditions: z.array(
      z.strictObject({
        condition: z.string(),
        result: z.string(),
        ...numbers,
        because: z.string(),
        latest: z.array(shown),
        nearMisses: z.array(shown),
      }),
    ),
    seen,
    missing: count.nullable(),
    elapsedMs: duration,
    exitCode: z.int(),
  })
  .describe("Of expect: what came of it, the last line.");
