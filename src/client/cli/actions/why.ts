import { compileFilter, FilterError, readFilter } from "../../../filters/index.ts";
import type { DecisionMemory, SessionProof, ToldDecisions } from "../../../protocol/index.ts";
import { ClientError } from "../../errors.ts";
import { exitCodes } from "../../exit-codes.ts";
import { parseTargetPort } from "../../subscription-flags/index.ts";
import type { WhyFlags } from "../commands/why.ts";
import { clockTime, decisionLines } from "./decision-lines.ts";
import { type QuestionContext, runQuestion } from "./question.ts";
import { parseCount, readingSession } from "./reading-session.ts";

/** Runs `magpie why`; gives the exit code. */
export function runWhy(flags: WhyFlags): Promise<number> {
  return runQuestion(
    flags,
    () => askedOf(flags),
    async (context, asked) => {
      const { target, name, signal } = context;
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
      if (flags.output === "json") context.writeLine(JSON.stringify({ event: "memory", ...memory }));
      else if (count === 0) context.writeLine(context.paint("dim", nothingText(memory)));
      return exitCodes.ok;
    },
  );
}

function readerOf(flags: WhyFlags, context: QuestionContext): SessionProof | null {
  const as = readingSession(context, flags.session);
  if (as === null && (flags.showSecrets || flags.wholeHead))
    throw new ClientError("usage", "only who has had a request may see its whole head", {
      hint: "Name a session of yours by --session.",
    });
  return as;
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
  { decisions, untold }: ToldDecisions,
  { output }: WhyFlags,
  { writeLine, paint }: Pick<QuestionContext, "writeLine" | "paint">,
): void {
  const isJson = output === "json";
  if (untold > 0) {
    const text = `${untold} decisions were not told: the tunnel or the agent was busy`;
    writeLine(isJson ? JSON.stringify({ event: "untold", count: untold }) : paint("yellow", text));
  }
  for (const decision of decisions) {
    const { type: _type, ...fields } = decision;
    if (isJson) writeLine(JSON.stringify({ event: "decision", ...fields }));
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
