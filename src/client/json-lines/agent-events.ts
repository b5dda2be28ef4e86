import { z } from "zod";
import { member, sessionId, time } from "./fields.ts";

export const agent = z
  .strictObject({
    event: z.literal("agent"),
    target: z.string(),
    isRunning: z.boolean(),
    agent: z.string().nullable().describe("which one, for people"),
    since: time.nullable().describe("milliseconds since the epoch; null: none runs, or nobody says"),
    version: z.string().nullable(),
    backend: z.string().nullable().describe("how packets are caught"),
    memoryBytes: z.number().nullable(),
    sessions: z.array(z.strictObject({ id: sessionId, name: z.string() })).nullable(),
    member: member.optional(),
  })
  .describe("Of agent status.");

export const agentLog = z
  .strictObject({ event: z.literal("agent-log"), line: z.string(), member: member.optional() })
  .describe("Of agent logs: a line as the agent has written it, which is JSON by itself.");

export const agentStopped = z
  .strictObject({
    event: z.literal("agent-stopped"),
    target: z.string(),
    outcome: z.enum(["ended", "none", "in-use"]),
    member: member.optional(),
  })
  .describe("Of agent stop.");
