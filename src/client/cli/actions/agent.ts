import { textOfLine } from "../../json-lines/index.ts";
import { ClientError } from "../../errors.ts";
import { exitCodes } from "../../exit-codes.ts";
import type { AgentCare, ResolvedTarget } from "../../target/index.ts";
import { durationText } from "../../text/duration.ts";
import { isRecord } from "../../text/json.ts";
import { printable } from "../../text/paint.ts";
import type { AgentFlags, AgentLogFlags } from "../commands/agent.ts";
import { type AskedMember, askEach, membersOf } from "./each-member.ts";
import { nothingElse, type QuestionContext, runQuestion } from "./question.ts";
import { parseCount } from "./reading-session.ts";

/** Runs `magpie agent status`; gives the exit code. */
export function runAgentStatus(flags: AgentFlags): Promise<number> {
  return runQuestion(flags, nothingElse, async (context) => {
    const members = await membersOf(context.target, context.signal);
    const answers = await askEach(members, (one) => statusOf(one, context));
    for (const { member, target, answer } of answers) {
      if (flags.output === "json") {
        const about = { target: target.label, ...answer, ...(member === undefined ? {} : { member }) };
        context.writeLine(textOfLine({ event: "agent", ...about }));
      } else for (const line of statusLines(member ?? target.label, answer, context)) context.writeLine(line);
    }
    return exitCodes.ok;
  });
}

type AgentStatus = Awaited<ReturnType<typeof statusOf>>;

/** Nobody is started for it. */
async function statusOf({ target }: AskedMember, { name, signal }: QuestionContext) {
  const { listSessions, readMetricsFamilies } = await import("../../control/index.ts");
  let agent: string | null = null;
  try {
    const asked = { target, name, signal };
    const sessions = await listSessions({ ...asked, onAgent: (found) => (agent = found) });
    const [families, since] = await Promise.all([
      readMetricsFamilies(asked),
      target.site.care?.startedAt({ signal }),
    ]);
    const { version = null, backend = null } = sampleOf(families, "magpie_agent_info").labels;
    const memoryBytes = sampleOf(families, "magpie_resident_memory_bytes").value ?? null;
    const users = sessions.map(({ id, name }) => ({ id, name }));
    return { isRunning: true, agent, since: since ?? null, version, backend, memoryBytes, sessions: users };
  } catch (error) {
    if (!(error instanceof ClientError) || error.code !== "no-agent") throw error;
    const nobody = { agent, since: null, version: null, backend: null, memoryBytes: null, sessions: null };
    return { isRunning: false, ...nobody };
  }
}

/** The first sample of a family, as far as an agent of that version has it. */
function sampleOf(
  families: unknown,
  name: string,
): { readonly labels: Readonly<Record<string, string>>; readonly value: number | undefined } {
  const family: unknown = Array.isArray(families)
    ? families.find((one) => isRecord(one) && one["name"] === name)
    : undefined;
  const samples = isRecord(family) ? family["samples"] : undefined;
  const sample: unknown = Array.isArray(samples) ? samples[0] : undefined;
  if (!isRecord(sample)) return { labels: {}, value: undefined };
  const { labels, value } = sample;
  const texts = isRecord(labels)
    ? Object.entries(labels).filter((entry): entry is [string, string] => typeof entry[1] === "string")
    : [];
  return { labels: Object.fromEntries(texts), value: typeof value === "number" ? value : undefined };
}

function statusLines(where: string, status: AgentStatus, { paint }: QuestionContext): string[] {
  const whose = paint("bold", printable(where));
  if (!status.isRunning) return [`${whose}: no agent runs`];
  const { agent, version, backend, memoryBytes, since, sessions } = status;
  const facts = [
    `version ${version ?? "unknown"}`,
    ...(backend === null ? [] : [backend]),
    ...(memoryBytes === null ? [] : [`${Math.round(memoryBytes / 1e6)} MB`]),
    ...(since === null ? [] : [`since ${sinceText(since)}`]),
  ];
  const users = (sessions ?? []).map(({ id, name }) => `${id} (${name})`).join(", ");
  return [
    `${whose}: ${paint("green", "an agent runs")}: ${printable(agent ?? "")}`,
    `  ${printable(facts.join(", "))}`,
    `  ${users === "" ? "nobody uses it" : `used by ${printable(users)}`}`,
  ];
}

function sinceText(at: number): string {
  const agoMs = Math.max(1_000, Math.round((Date.now() - at) / 1_000) * 1_000);
  return `${new Date(at).toTimeString().slice(0, 8)} (${durationText(agoMs)})`;
}

/** Runs `magpie agent logs`; gives the exit code. */
export function runAgentLogs(flags: AgentLogFlags): Promise<number> {
  const read = () => parseCount("--lines", flags.lines);
  return runQuestion(flags, read, async ({ target, signal, writeLine }, lines) => {
    const members = await membersOf(target, signal);
    await askEach(members, async (one) => {
      for await (const line of careOf(one.target).log({ lines, follow: flags.follow, signal })) {
        const { member } = one;
        if (flags.output === "json")
          writeLine(textOfLine({ event: "agent-log", line, ...(member === undefined ? {} : { member }) }));
        else writeLine(printable(member === undefined ? line : `${member}: ${line}`));
      }
    });
    return exitCodes.ok;
  });
}

/** Runs `magpie agent stop`; gives the exit code. */
export function runAgentStop(flags: AgentFlags): Promise<number> {
  return runQuestion(flags, nothingElse, async ({ target, signal, writeLine, paint }) => {
    const members = await membersOf(target, signal);
    const answers = await askEach(members, (one) => careOf(one.target).end({ signal }));
    for (const { member, target, answer: outcome } of answers) {
      if (flags.output === "json") {
        const about = { target: target.label, outcome, ...(member === undefined ? {} : { member }) };
        writeLine(textOfLine({ event: "agent-stopped", ...about }));
      } else {
        const style = outcome === "in-use" ? "yellow" : "reset";
        writeLine(`${paint("bold", printable(member ?? target.label))}: ${paint(style, outcomes[outcome])}`);
      }
    }
    return answers.some(({ answer }) => answer === "in-use") ? exitCodes.failure : exitCodes.ok;
  });
}

const outcomes = {
  ended: "the agent is ended; the app has all of its traffic",
  none: "no agent runs",
  "in-use": "somebody uses the agent, so it stays; `magpie sessions` tells who",
} as const;

function careOf({ site, label }: ResolvedTarget): AgentCare {
  if (site.care !== undefined) return site.care;
  throw new ClientError("ask-refused", `of the agent in ${label} that is not known`);
}

/** Runs `magpie agent image`; gives the exit code. */
export async function runAgentImage(): Promise<number> {
  const { defaultImage } = await import("../../../kubernetes/index.ts");
  process.stdout.write(`${process.env["MAGPIE_AGENT_IMAGE"] || defaultImage}\n`);
  return exitCodes.ok;
}
