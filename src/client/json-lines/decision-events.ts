import { z } from "zod";
import type { ExplainedClause } from "../../protocol/index.ts";
import { count, duration, member, port, requestId, sessionId, time } from "./fields.ts";

const clause: z.ZodType<ExplainedClause> = z
  .lazy(() =>
    z.strictObject({
      result: z.boolean(),
      kind: z.enum(["clause", "all", "any", "not"]),
      clause: z.string(),
      because: z.string(),
      parts: z.array(clause),
    }),
  )
  .meta({ id: "clause", description: "a clause of a filter, with its parts" });

const askedFilter = z.strictObject({
  session: sessionId,
  name: z.string(),
  filter: z.string().nullable().describe("as an expression; null: everything"),
  priority: z.int(),
  revision: count,
  matches: z.boolean(),
  because: z.string(),
  clauses: clause.nullable(),
});

export const decision = z
  .strictObject({
    event: z.literal("decision"),
    seq: count,
    requestId,
    at: time,
    port,
    peer: z.string(),
    protocol: z.enum(["http1", "http2", "tcp", "tls"]),
    method: z.string().describe("empty of a connection"),
    target: z.string().describe("without secrets, cut; empty of a connection"),
    verdict: z.enum(["stolen", "original", "opaque", "stolen-raw"]),
    reason: z.string(),
    explanation: z.array(askedFilter).nullable().describe("the filters that were asked, in their order"),
    unexplained: count,
    headerNames: z.array(z.string()),
    head: z
      .array(z.tuple([z.string(), z.string()]))
      .nullable()
      .describe("all fields, for the session that had the request, where it asked for them"),
    status: z.int().nullable(),
    firstByteMs: duration.nullable(),
    durationMs: duration.nullable().describe("milliseconds; null while it is under way"),
    bytesIn: count,
    bytesOut: count,
    revision: count,
    session: sessionId.nullable(),
    sessionName: z.string().nullable(),
    subscription: count.nullable(),
    failure: z.string().nullable(),
    isProbe: z.boolean(),
    mirrors: z.array(z.strictObject({ session: sessionId, name: z.string(), outcome: z.string() })),
    member: member.optional(),
  })
  .describe("Who got a request or connection, and why.");

export const memory = z
  .strictObject({
    event: z.literal("memory"),
    kept: count.optional(),
    dropped: count.optional(),
    since: time.nullable().optional(),
  })
  .describe("Of why: how far the agent's memory reaches back; empty when it gave no answer.");

export const untold = z
  .strictObject({ event: z.literal("untold"), count })
  .describe("So many decisions were left out: the tunnel or the agent was busy.");
