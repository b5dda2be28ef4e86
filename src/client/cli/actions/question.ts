import { constants } from "node:os";
import { textOfLine } from "../../json-lines/index.ts";
import { ProtocolError } from "../../../protocol/index.ts";
import { placedError } from "../../config/index.ts";
import { ClientError } from "../../errors.ts";
import { exitCodeOf, exitCodes } from "../../exit-codes.ts";
import { type OwnSession, OwnSessions, targetOfOwn, wholeTargetOfOwn } from "../../own-sessions/index.ts";
import { Interrupts } from "../../running/index.ts";
import { defaultName } from "../../subscription-flags/index.ts";
import {
  type ClusterAgentFlags,
  type ClusterChoice,
  clusterChoiceOf,
  openTarget,
  type ResolvedTarget,
} from "../../target/index.ts";
import { type Paint, paintFor, printable } from "../../text/paint.ts";
import { type AskedMember, askEach, membersOf } from "./each-member.ts";
import { tellError, writeTo } from "./terminal.ts";

/** What a command that asks the agent of a target works with. */
export interface QuestionContext {
  readonly target: ResolvedTarget;
  /** Sessions of this user, for which it may speak. */
  readonly own: OwnSessions;
  /** Who asks, for the agent's log. */
  readonly name: string;
  /** Ctrl-C and the like. */
  readonly signal: AbortSignal;
  /** To stdout. */
  readonly writeLine: (line: string) => void;
  readonly paint: Paint;
}

/** What is common to the flags of every such command. */
export interface QuestionFlags extends ClusterChoice, ClusterAgentFlags {
  readonly target?: string;
  readonly output: "text" | "json";
}

/**
 * Runs a command that asks the agent of a target and prints the answer; gives the exit code. Errors go to stderr, and with
 * `--output json` to stdout too, as the line `{"event":"ended", …}`. Without `--target` it is the one where sessions of this
 * user run. `read` checks what is on the command line before anybody is looked for.
 */
export function runQuestion<Asked>(
  flags: QuestionFlags,
  read: () => Asked,
  ask: (context: QuestionContext, asked: Asked) => Promise<number>,
): Promise<number> {
  const targetOf = (own: OwnSessions) => namedTarget(flags) ?? own.onlyTarget();
  return answered(flags, async (context) => {
    const asked = read();
    const target = permitted(targetOf(context.own));
    return await ask({ ...context, target }, asked);
  });
}

/** Of a command with nothing on its line that is to be checked. */
export function nothingElse(): undefined {
  return undefined;
}

/** What a command works with that speaks for a session of this user. */
export interface OwnQuestionContext extends QuestionContext {
  readonly session: OwnSession;
  /** All that its command holds: one with each member of its target, or that one alone. */
  readonly parts: readonly OwnPart[];
}

/** A session of this user with its agent's target. */
export interface OwnPart extends AskedMember {
  readonly session: OwnSession;
}

/** The same for a command about a session of this user: the named one, or the only one that is there, on any target. */
export function runOwnQuestion<Asked>(
  flags: QuestionFlags & { readonly session?: string | undefined },
  read: () => Asked,
  ask: (context: OwnQuestionContext, asked: Asked) => Promise<number>,
): Promise<number> {
  return answered(flags, async (context) => {
    const asked = read();
    const named = namedTarget(flags);
    const all = await chooseOwn(context, { session: flags.session, target: named });
    const [session] = all;
    const target = permitted(
      session.whole === undefined ? (named ?? targetOfOwn(session)) : wholeTargetOfOwn(session),
    );
    const parts = session.whole === undefined ? [{ session, member: undefined, target }] : all.map(partOf);
    return await ask({ ...context, session, target, parts }, asked);
  });
}

function partOf(session: OwnSession): OwnPart {
  return { session, member: session.member, target: targetOfOwn(session) };
}

function namedTarget(flags: QuestionFlags): ResolvedTarget | undefined {
  return flags.target ? openTarget(flags.target, clusterChoiceOf(flags), flags) : undefined;
}

/** @throws ClientError `not-permitted` when this user may do nothing there */
function permitted(target: ResolvedTarget): ResolvedTarget {
  target.requirePrivilege?.();
  return target;
}

/** @throws ClientError as `OwnSessions.choose` does, naming whose session it is where that can be found out */
async function chooseOwn(
  context: Omit<QuestionContext, "target">,
  among: { session: string | undefined; target: ResolvedTarget | undefined },
): Promise<readonly [OwnSession, ...OwnSession[]]> {
  const { own } = context;
  try {
    return own.chooseAll(among);
  } catch (error) {
    if (!(error instanceof ClientError) || error.code !== "no-own-session" || among.session === undefined)
      throw error;
    const holder = await holderOf(among.session, { context, target: among.target });
    if (holder === undefined) throw error;
    throw new ClientError(
      "not-yours",
      `session ${among.session} is ${printable(holder)}'s; only its owner can do that`,
      { hint: "`magpie steal --take-over` asks for its place." },
    );
  }
}

async function holderOf(
  session: string,
  about: { context: Omit<QuestionContext, "target">; target: ResolvedTarget | undefined },
): Promise<string | undefined> {
  const { own, name, signal } = about.context;
  try {
    const target = about.target ?? own.onlyTarget();
    const { listSessions } = await import("../../control/index.ts");
    const asked = await membersOf(target, signal);
    const listed = await askEach(asked, ({ target }) => listSessions({ target, name, signal }));
    return listed.flatMap(({ answer }) => answer).find(({ id }) => id === session)?.name;
  } catch (error) {
    if (error instanceof ClientError) return undefined; // It is told that the session is none of ours.
    throw error;
  }
}

/** Runs a command that has no target at all, with the same signals, errors and exit codes. */
export async function answered(
  flags: Pick<QuestionFlags, "output"> & { readonly follow?: boolean },
  ask: (context: Omit<QuestionContext, "target">) => Promise<number>,
): Promise<number> {
  using interrupts = new Interrupts();
  const signal = interrupts.graceful;
  try {
    const own = new OwnSessions();
    const writeLine = writeTo(process.stdout);
    const paint = paintFor(process.stdout, process.env);
    return await ask({ own, name: defaultName(process.env), signal, writeLine, paint });
  } catch (cause) {
    // Whoever follows ends it so; of all else there was no answer yet.
    if (signal.aborted) return flags.follow === true ? exitCodes.ok : interruptedBy(signal.reason);
    const known = cause instanceof ProtocolError ? unreadable(cause) : cause;
    if (!(known instanceof ClientError)) throw known;
    const error = placedError(known);
    tellError(error);
    const { code, message, hint } = error;
    const ended = { event: "ended" as const, code, message, hint: hint ?? null };
    if (flags.output === "json") process.stdout.write(`${textOfLine(ended)}\n`);
    return exitCodeOf(code);
  }
}

function interruptedBy(reason: unknown): number {
  const signal = reason === "SIGTERM" || reason === "SIGHUP" ? reason : "SIGINT";
  return exitCodes.signalBase + constants.signals[signal];
}

function unreadable(cause: ProtocolError): ClientError {
  return new ClientError("session-lost", `the agent's answer cannot be read: ${cause.message}`, {
    hint: "It may be of another version: install the same one of both.",
    cause,
  });
}
