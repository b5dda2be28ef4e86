import { ClientError } from "../../errors.ts";
import { exitCodeOf, exitCodes } from "../../exit-codes.ts";
import { OwnSessions } from "../../own-sessions/index.ts";
import { Interrupts } from "../../running/index.ts";
import { defaultName } from "../../subscription-flags/index.ts";
import { parseTarget, requirePrivilege, type ResolvedTarget, resolveTarget } from "../../target/index.ts";
import { type Paint, paintFor } from "../../text/paint.ts";
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

/**
 * Runs a command that asks the agent of a target and prints the answer; gives the exit code. Errors go to stderr, and with
 * `--output json` to stdout too, as the line `{"event":"ended", …}`.
 */
export async function runQuestion(
  flags: { readonly target?: string; readonly output: "text" | "json" },
  ask: (context: QuestionContext) => Promise<number>,
): Promise<number> {
  using interrupts = new Interrupts();
  const signal = interrupts.graceful;
  try {
    const own = new OwnSessions();
    // Without one, the target is meant where this user has sessions.
    const target = flags.target ? resolveTarget(parseTarget(flags.target)) : own.onlyTarget();
    requirePrivilege();
    const writeLine = writeTo(process.stdout);
    const paint = paintFor(process.stdout, process.env);
    return await ask({ target, own, name: defaultName(process.env), signal, writeLine, paint });
  } catch (error) {
    if (signal.aborted) return exitCodes.ok;
    if (!(error instanceof ClientError)) throw error;
    tellError(error);
    const { code, message, hint } = error;
    const ended = { event: "ended", code, message, hint: hint ?? null };
    if (flags.output === "json") process.stdout.write(`${JSON.stringify(ended)}\n`);
    return exitCodeOf(code);
  }
}
