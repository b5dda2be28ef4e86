import { z } from "zod";
import { address, count, duration, member, mode, port, sessionId } from "./fields.ts";
import { filterOrAll } from "./filter-tree.ts";

const missing = z
  .array(z.strictObject({ member, message: z.string().nullable().describe("null: still being joined") }))
  .describe("those that should be covered and are not");

const coverage = { covered: count, of: count, missing };

export const hello = z
  .strictObject({
    event: z.literal("hello"),
    version: z.literal(1).describe("of this contract; within one version fields and events are only added"),
    magpie: z.string().describe("the version of magpie"),
    command: z.string(),
    pid: count,
  })
  .describe("The first line of a command that runs a session.");

export const step = z
  .strictObject({
    event: z.literal("step"),
    step: count.describe("numbers the steps of this run"),
    state: z.enum(["began", "done", "failed"]),
    text: z.string().describe("what is being done, or has been done; for people"),
    ms: duration.optional().describe("how long it took; of done and failed"),
    member: member.optional(),
  })
  .describe("What is done before the session is there, step by step.");

export const programStarted = z
  .strictObject({ event: z.literal("program-started"), pid: count })
  .describe("The program behind -- runs.");

export const ready = z
  .strictObject({
    event: z.literal("ready"),
    target: z.string(),
    agentPid: count,
    agentPort: port,
    backend: z.string().describe("how packets are caught"),
    backendReason: z.string(),
    session: sessionId,
    mode,
    filter: filterOrAll,
    ports: z.array(
      z.strictObject({
        remote: port.describe("as the target has it"),
        inPod: port.optional().describe("its number in the pod, where that is another"),
        local: z.string().describe("where its requests go"),
        subscription: count,
        revision: count,
      }),
    ),
    members: z
      .array(
        z.strictObject({ member, agentPid: count, agentPort: port, backend: z.string(), session: sessionId }),
      )
      .optional(),
    coverage: z.strictObject(coverage).optional(),
  })
  .describe("The session has begun. Of a target with several members the agent is that of the first.");

export const memberCoverage = z
  .strictObject({
    event: z.literal("coverage"),
    member,
    change: z.enum(["joined", "left", "failed"]),
    message: z.string().optional(),
    hint: z.string().nullable().optional(),
    retryInMs: duration.nullable().optional().describe("null: it is not tried again"),
    ...coverage,
  })
  .describe("A member of the target has come, gone or failed; message, hint and retryInMs are of failed.");

export const sandbox = z
  .strictObject({
    event: z.literal("sandbox"),
    kind: z.enum(["namespace", "seccomp", "off"]),
    because: z.string(),
  })
  .describe("Of exec: how the program's calls are caught.");

export const environmentSource = z
  .strictObject({
    event: z.literal("environment-source"),
    process: z.strictObject({ pid: count, name: z.string(), because: z.string() }),
    isOverwritten: z.boolean(),
  })
  .describe("Of exec: whose environment the program has.");

export const openedPort = z
  .strictObject({
    event: z.literal("port"),
    program: port.describe("the program's own number"),
    host: address.nullable().describe("where it can be reached on this machine"),
    requests: z
      .strictObject({
        target: z.string(),
        mode,
        filter: filterOrAll,
        remote: port,
        subscription: count,
        revision: count,
      })
      .nullable()
      .describe("the port of the target whose requests it has from now on"),
    member: member.optional(),
  })
  .describe("Of exec: the program listens on a port for the first time.");

export const traced = z
  .strictObject({
    event: z.literal("traced"),
    kind: z.enum(["call", "lookup", "flow"]),
    what: z.string(),
    about: z.string(),
    outcome: z.string(),
  })
  .describe("Of exec --trace: something that the program did, and what was made of it.");

export const notice = z
  .strictObject({
    event: z.literal("notice"),
    level: z.enum(["info", "warning", "error"]),
    code: z.string(),
    message: z.string(),
    member: member.optional(),
  })
  .describe("Something that a person should know.");

export const local = z
  .strictObject({
    event: z.literal("local"),
    state: z.enum(["up", "down", "stranger"]),
    address: z.string(),
    port,
    name: z.string().nullable(),
    pid: count.nullable(),
  })
  .describe("Who listens where requests go, at each change.");

export const taken = z
  .strictObject({
    event: z.literal("taken"),
    port,
    subscription: count,
    code: z.enum(["asked", "taken", "released", "max-requests", "time-over"]),
    message: z.string(),
    member: member.optional(),
  })
  .describe("A subscription has ended.");

export const filterChanged = z
  .strictObject({
    event: z.literal("filter-changed"),
    port,
    subscription: count,
    filter: filterOrAll,
    revision: count,
    by: z.string(),
  })
  .describe("A port has another filter.");

export const connection = z
  .strictObject({
    event: z.literal("connection"),
    state: z.enum(["lost", "resumed", "given-up", "rejoined"]),
    graceMs: duration.optional().describe("of lost: so long it may come back"),
    afterMs: duration.optional().describe("of resumed and rejoined"),
    message: z.string().optional().describe("of given-up: a new session is tried for"),
    member: member.optional(),
  })
  .describe("What becomes of the connection to the agent.");

export const copies = z
  .strictObject({
    event: z.literal("copies"),
    sent: count,
    dropped: count,
    failed: count,
    skipped: count,
    unanswered: count,
    answersDropped: count,
    bytes: count,
    lastReason: z.string().nullable(),
  })
  .describe("Of mirror: what became of the copies so far.");

export const inspector = z
  .strictObject({
    event: z.literal("inspector"),
    url: z.string().describe("With its token: whoever has it sees all."),
  })
  .describe("The inspector's page is open.");

export const leaving = z
  .strictObject({
    event: z.literal("leaving"),
    underWay: count,
    boundMs: duration.nullable(),
  })
  .describe("The session is being left; exchanges under way may finish within boundMs.");

export const ended = z
  .strictObject({
    event: z.literal("ended"),
    code: z
      .string()
      .describe("left, program-ended, bound-reached, released, taken, internal, or an error's code"),
    message: z.string(),
    hint: z.string().nullable(),
  })
  .describe("The last line of a session, and of each command that failed.");
