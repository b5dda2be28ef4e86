import { textOfLine } from "../../json-lines/index.ts";
import { compileFilter, FilterError, readFilter } from "../../../filters/index.ts";
import type { DecisionMemory, DecisionRecord, SessionProof, ToldDecisions } from "../../../protocol/index.ts";
import { ClientError } from "../../errors.ts";
import { exitCodes } from "../../exit-codes.ts";
import { memberRequestId, readMemberRequestId } from "../../running/member-reporter.ts";
import { parseTargetPort } from "../../subscription-flags/index.ts";
import type { WhyFlags } from "../commands/why.ts";
import { clockTime, decisionLines } from "./decision-lines.ts";
import { type AskedMember, askEach, membersOf } from "./each-member.ts";
import { type QuestionContext, runQuestion } from "./question.ts";
import { proofOf } from "../../own-sessions/index.ts";
import { parseCount, readingSession } from "./reading-session.ts";
import { tellError } from "./terminal.ts";

/** Runs `magpie why`; gives the exit code. */
export function runWhy(flags: WhyFlags): Promise<number> {
  return runQuestion(
    flags,
    () => askedOf(flags),
    async (context, asked) => {
      const { target, name, signal } = context;
      if (target.members !== undefined) return await whyOfMembers(flags, context, asked);
      const question = { kind: "decisions", as: readerOf(flags, context), ...asked } as const;
      const hint = question.as === null ? hintOf(context) : undefined;
      if (hint !== undefined && flags.output === "text") context.writeLine(context.paint("dim", hint));
      const { whatWasDecided } = await import("../../control/index.ts");
      let count = 0;
      let memory: DecisionMemory | undefined;
      for await (const told of whatWasDecided({ target, name, signal, question })) {
        show(told, flags, context);
        count += told.decisions.length;
        memory = told.memory;
      }
      if (flags.requestId !== undefined && count === 0) throw notRemembered(flags.requestId, memory);
      if (flags.output === "json") context.writeLine(textOfLine({ event: "memory", ...memory }));
      else if (count === 0) context.writeLine(context.paint("dim", nothingText(memory)));
      return exitCodes.ok;
    },
  );
}

/**
 * The same of all members at once: what they remember in the order of time, each request named with its member; then, where it
 * is followed, what comes as it comes.
 */
async function whyOfMembers(
  flags: WhyFlags,
  context: QuestionContext,
  asked: ReturnType<typeof askedOf>,
): Promise<number> {
  const { target, name, signal, writeLine, paint } = context;
  const { whatWasDecided } = await import("../../control/index.ts");
  const { member: named, requestId } = readMemberRequestId(asked.requestId ?? "");
  const all = await membersOf(target, signal);
  const members = all.filter(({ member }) => named === undefined || member === named);
  if (members.length === 0) throw notRemembered(flags.requestId ?? "", undefined);
  const about = { ...asked, requestId: asked.requestId === null ? null : requestId };
  const memories: DecisionMemory[] = [];
  const eyes = eyesOf(flags, context);
  const ask = async function* (one: AskedMember, follow: boolean) {
    const as = eyes(one);
    const question = { kind: "decisions", as, ...about, follow } as const;
    for await (const told of whatWasDecided({ target: one.target, name, signal, question }))
      yield { ...told, decisions: told.decisions.map((decision) => ofMember(decision, one.member)) };
  };
  const answers = await askEach(members, async (one) => {
    const decisions: MemberDecision[] = [];
    let memory: DecisionMemory | undefined;
    for await (const told of ask(one, false)) {
      decisions.push(...told.decisions);
      memory = told.memory;
    }
    if (memory !== undefined) memories.push(memory);
    return decisions;
  });
  const decisions = answers
    .flatMap(({ answer }) => answer)
    .toSorted((one, other) => one.at - other.at)
    .slice(-asked.last);
  const memory = sumOf(memories);
  show({ decisions, untold: 0 }, flags, context);
  if (asked.follow) {
    const follow = async (one: AskedMember): Promise<void> => {
      const seen = new Set(decisions.map(stateOf));
      for await (const told of ask(one, true)) {
        const news = told.decisions.filter((decision) => !seen.has(stateOf(decision)));
        show({ ...told, decisions: news }, flags, context);
      }
    };
    await askAll(answers, follow);
  }
  if (flags.requestId !== undefined && decisions.length === 0) throw notRemembered(flags.requestId, memory);
  if (flags.output === "json") writeLine(textOfLine({ event: "memory", ...memory }));
  else if (decisions.length === 0) writeLine(paint("dim", nothingText(memory)));
  return exitCodes.ok;
}

type MemberDecision = DecisionRecord & { readonly member?: string };

/** One that was under way is told once more when it has ended. */
function stateOf({ requestId, durationMs }: DecisionRecord): string {
  return `${requestId} ${durationMs === null ? "under way" : "ended"}`;
}

function ofMember(decision: DecisionRecord, member: string | undefined): MemberDecision {
  if (member === undefined) return decision;
  return { ...decision, requestId: memberRequestId(member, decision.requestId), member };
}

/** Follows all; who is gone is not followed any more. */
async function askAll(
  members: readonly AskedMember[],
  follow: (one: AskedMember) => Promise<void>,
): Promise<void> {
  const followed = members.map((one) =>
    follow(one).catch((error: unknown) => {
      if (!(error instanceof ClientError)) throw error;
      tellError({ message: `${one.member ?? ""}: ${error.message}`, hint: error.hint });
    }),
  );
  await Promise.all(followed);
}

/** How far they reach back together: to where the one that reaches back least does. */
function sumOf(memories: readonly DecisionMemory[]): DecisionMemory | undefined {
  if (memories.length === 0) return undefined;
  const times = memories.flatMap(({ since }) => (since === null ? [] : [since]));
  return {
    kept: memories.reduce((sum, { kept }) => sum + kept, 0),
    dropped: memories.reduce((sum, { dropped }) => sum + dropped, 0),
    since: times.length === 0 ? null : Math.max(...times),
  };
}

function readerOf(flags: WhyFlags, context: QuestionContext): SessionProof | null {
  const as = readingSession(context, flags.session);
  if (as === null && (flags.showSecrets || flags.wholeHead))
    throw new ClientError("usage", "only who has had a request may see its whole head", {
      hint: "Name a session of yours by --session.",
    });
  return as;
}

/** A command has a session with each member: whoever names one of them reads with all of them. @throws as {@link readerOf} does */
function eyesOf(flags: WhyFlags, context: QuestionContext): (one: AskedMember) => SessionProof | null {
  const { session, ...others } = flags;
  if (session === undefined) return ({ target }) => readerOf(others, { ...context, target });
  const { own, target } = context;
  const all = own.chooseAll({ session, target });
  return (one) => {
    const there = all.find(({ member, targetKey }) => member === one.member || targetKey === one.target.key);
    return there === undefined ? null : proofOf(there);
  };
}

/** Whoever has several sessions sees what anybody sees, which surprises. */
function hintOf({ own, target }: QuestionContext): string | undefined {
  const ids = own.of(target).map(({ session }) => session);
  if (ids.length < 2) return undefined;
  return `values of fields are shown to one session at a time: add --session ${ids.join(" or ")}`;
}

function askedOf(flags: WhyFlags) {
  const { path = null, follow, wholeHead, showSecrets } = flags;
  if (path !== null) checkPath(path);
  return {
    // As it is shown, or without its mark.
    requestId: flags.requestId?.replace(/^#/, "") ?? null,
    last: flags.last === undefined ? defaultLast : parseCount("--last", flags.last),
    path,
    port: flags.port === undefined ? null : parseTargetPort(flags.port),
    follow,
    wholeHead: wholeHead || showSecrets,
    showSecrets,
  };
}

/** @throws ClientError `usage` */
function checkPath(path: string): void {
  try {
    compileFilter(readFilter({ path }));
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    throw new ClientError("usage", `--path: ${error.render()}`, { cause: error });
  }
}

function show(
  { decisions, untold }: Pick<ToldDecisions, "decisions" | "untold">,
  { output }: WhyFlags,
  { writeLine, paint }: Pick<QuestionContext, "writeLine" | "paint">,
): void {
  const isJson = output === "json";
  if (untold > 0) {
    const text = `${untold} decisions were not told: the tunnel or the agent was busy`;
    writeLine(isJson ? textOfLine({ event: "untold", count: untold }) : paint("yellow", text));
  }
  for (const decision of decisions) {
    const { type: _type, ...fields } = decision;
    if (isJson) writeLine(textOfLine({ event: "decision", ...fields }));
    else for (const line of decisionLines(decision, paint)) writeLine(line);
  }
}

function notRemembered(requestId: string, memory: DecisionMemory | undefined): ClientError {
  return new ClientError("ask-refused", `request ${JSON.stringify(requestId)} is not remembered`, {
    hint: memory === undefined ? "The agent gave no answer." : reachText(memory),
  });
}

function nothingText(memory: DecisionMemory | undefined): string {
  if (memory === undefined || memory.kept === 0) return "no request has been decided yet";
  return `no request fits. ${reachText(memory)}`;
}

function reachText({ kept, dropped, since }: DecisionMemory): string {
  if (since === null) return "The agent remembers no request yet.";
  const older = dropped === 0 ? "" : `; ${dropped} older ones were dropped`;
  return `The agent remembers ${kept} decisions, since ${clockTime(since)}${older}.`;
}

const defaultLast = 10;
