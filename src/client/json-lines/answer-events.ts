import { z } from "zod";
import { count, member, mode, port, requestId, sessionId, time } from "./fields.ts";
import { filterOrAll } from "./filter-tree.ts";

const copyCounts = z.strictObject({
  sent: count,
  dropped: count,
  failed: count,
  skipped: count,
  answersDropped: count,
  bytes: count,
});

export const sessions = z
  .strictObject({
    event: z.literal("sessions"),
    target: z.string(),
    sessions: z.array(
      z.strictObject({
        id: sessionId,
        name: z.string(),
        since: time,
        awaySince: time.nullable().describe("when its connection was lost, while it is waited for"),
        own: z.boolean().describe("whether it is this user's"),
        member: member.optional(),
        subscriptions: z.array(
          z.strictObject({
            id: count,
            port,
            mode,
            filter: z.unknown().describe("a tree, maybe of another version; null: every request"),
            priority: z.int(),
            revision: count,
            since: time,
            requests: count,
            copies: copyCounts.nullable(),
            until: time.nullable(),
            requestsLeft: count.nullable(),
          }),
        ),
      }),
    ),
  })
  .describe("Of sessions: who holds what.");

export const released = z
  .strictObject({
    event: z.literal("released"),
    session: sessionId,
    target: z.string(),
    ports: z.array(port),
    left: count.describe("ports that the session still has"),
  })
  .describe("Of release.");

export const filterSet = z
  .strictObject({
    event: z.literal("filter-set"),
    session: sessionId,
    target: z.string(),
    ports: z.array(port),
    filter: filterOrAll,
    revision: count,
    members: z.array(z.strictObject({ member, revision: count })).optional(),
  })
  .describe("Of filter set.");

const tried = {
  requestId,
  at: time,
  port,
  method: z.string(),
  target: z.string(),
  session: sessionId.nullable(),
};

const decisionMemory = z.strictObject({ kept: count, dropped: count, since: time.nullable() });

export const filterTried = z
  .strictObject({
    event: z.literal("filter-tried"),
    target: z.string(),
    member: member.optional(),
    filter: filterOrAll,
    considered: count,
    matched: count,
    unread: count,
    isCut: z.boolean(),
    examples: z.array(z.strictObject(tried)),
    nearMissCount: count,
    nearMisses: z.array(z.strictObject({ ...tried, clause: z.string(), because: z.string() })),
    overlaps: z.array(
      z.strictObject({
        session: sessionId,
        name: z.string(),
        port,
        filter: z.string().nullable(),
        both: count,
        isDraftFirst: z.boolean(),
      }),
    ),
    refusals: z.array(z.strictObject({ port, code: z.string(), message: z.string() })),
    memory: decisionMemory,
  })
  .describe("Of filter try: what a filter would have matched of the requests that are remembered.");

const labels = z.record(z.string(), z.string());

export const metrics = z
  .strictObject({
    event: z.literal("metrics"),
    member: member.optional(),
    families: z.array(
      z.strictObject({
        name: z.string(),
        help: z.string(),
        type: z.enum(["counter", "gauge", "histogram"]),
        samples: z.array(
          z.union([
            z.strictObject({ labels, value: z.number() }),
            z.strictObject({
              labels,
              buckets: z
                .array(z.tuple([z.number().nullable(), count]))
                .describe("upper bound, and how many at or below it; the last bound is null"),
              sum: z.number(),
              count,
            }),
          ]),
        ),
      }),
    ),
  })
  .describe("Of metrics.");

const container = z.strictObject({
  name: z.string(),
  sidecar: z.string().optional().describe("what kind of sidecar it looks like"),
});

export const targets = z
  .strictObject({
    event: z.literal("targets"),
    context: z.string().nullable().describe("null: no cluster"),
    namespace: z.string().nullable().describe("null: all, or no cluster"),
    targets: z.array(
      z.strictObject({
        target: z.string(),
        kind: z.string(),
        namespace: z.string(),
        name: z.string(),
        ready: count,
        wanted: count,
        state: z.string(),
        containers: z.array(container),
        ports: z.array(z.string()),
        pods: z.array(z.string()),
        agents: count,
        own: count.describe("sessions of this user"),
      }),
    ),
    local: z.array(
      z.strictObject({
        target: z.string(),
        image: z.string(),
        tool: z.string(),
        isRunning: z.boolean(),
        hasAgent: z.boolean(),
        own: count,
      }),
    ),
    hidden: z.array(z.string()).describe("what could not be read, and why"),
  })
  .describe("Of targets.");

export const environment = z
  .strictObject({
    event: z.literal("environment"),
    target: z.string(),
    process: z.strictObject({ pid: count, name: z.string(), because: z.string() }),
    isOverwritten: z.boolean(),
    variables: z.array(
      z.strictObject({
        name: z.string(),
        nameBase64: z.string().optional(),
        value: z.string().nullable(),
        valueBase64: z.string().optional(),
        source: z.enum(["pod", "yours", "rule", "none"]),
        rule: z.string().nullable(),
      }),
    ),
    yours: count.describe("variables of yours that stay as they are and are not listed"),
  })
  .describe("Of env.");

export const variable = z
  .strictObject({
    event: z.literal("variable"),
    name: z.string().optional(),
    source: z.enum(["pod", "yours", "rule", "none"]),
    rule: z.string().nullable(),
    builtIn: z.string().nullable(),
    overruled: z.array(z.string()),
    isInPod: z.boolean(),
    isYours: z.boolean(),
    value: z.string().nullable().describe("masked, unless secrets are asked for"),
    explanation: z.string(),
  })
  .describe("Of explain env.");

const where = z.enum(["local", "remote", "absent"]);
const unless = z.array(z.strictObject({ rule: z.string(), where, when: z.string() }));

export const host = z
  .strictObject({
    event: z.literal("host"),
    asked: z.string(),
    where,
    rule: z.string().nullable(),
    builtIn: z.string().nullable(),
    because: z.string(),
    unless,
    lookup: z
      .strictObject({
        where: z.enum(["local", "remote"]),
        rule: z.string().nullable(),
        because: z.string(),
        unless,
      })
      .nullable(),
    explanation: z.string(),
  })
  .describe("Of explain host.");

export const path = z
  .strictObject({
    event: z.literal("path"),
    path: z.string().nullable(),
    mode: z.enum(["read", "read-write", "local", "absent"]),
    rule: z.string().nullable(),
    origin: z.enum(["flag", "built-in", "made"]).nullable(),
    overruled: z.array(z.string()),
    explanation: z.string(),
  })
  .describe("Of explain path.");

export const finding = z
  .strictObject({
    event: z.literal("finding"),
    id: z.string(),
    level: z.enum(["blocker", "warning", "note", "ok"]),
    what: z.string(),
    why: z.string().nullable(),
    fix: z.string().nullable(),
  })
  .describe("Of doctor.");

export const verdict = z
  .strictObject({
    event: z.literal("verdict"),
    target: z.string(),
    blockers: count,
    warnings: count,
  })
  .describe("Of doctor: the last line.");
