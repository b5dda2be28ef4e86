import { textOfLine } from "../../json-lines/index.ts";
import { ClientError } from "../../errors.ts";
import { exitCodes } from "../../exit-codes.ts";
import type { TargetFlags } from "../commands/target-command.ts";
import type { OwnSessions } from "../../own-sessions/index.ts";
import type { ResolvedTarget } from "../../target/index.ts";
import { askEach, membersOf } from "./each-member.ts";
import { nothingElse, runQuestion } from "./question.ts";
import { sessionLines } from "./session-lines.ts";
import { tellError } from "./terminal.ts";

/** Runs `magpie sessions`; gives the exit code. */
export function runSessions(flags: TargetFlags): Promise<number> {
  return runQuestion(flags, nothingElse, async ({ target, own, name, signal, writeLine, paint }) => {
    const { listSessions } = await import("../../control/index.ts");
    const asked = await membersOf(target, signal);
    const answers = await askEach(asked, ({ target }) => listSessions({ target, name, signal })).catch(
      (error: unknown) => {
        // Where nobody has started an agent, nobody holds anything.
        if (error instanceof ClientError && error.code === "no-agent") return [];
        throw error;
      },
    );
    const sessions = answers.flatMap(({ member, answer }) =>
      answer.map((session) => (member === undefined ? session : { ...session, member })),
    );
    const mine = ownOn(target, own);
    if (flags.output === "json") {
      const marked = sessions.map((session) => ({ ...session, own: mine.has(session.id) }));
      writeLine(textOfLine({ event: "sessions", target: target.label, sessions: marked }));
    } else if (sessions.length === 0) writeLine(paint("dim", `nobody uses ${target.label} through magpie`));
    else {
      const about = { mine, paint, now: Date.now(), noun: target.members?.noun.one };
      for (const line of sessionLines(sessions, about)) writeLine(line);
    }
    return exitCodes.ok;
  });
}

/** Which of them are this user's. Where that cannot be seen, all of them are listed nevertheless, and it is told. */
function ownOn(target: ResolvedTarget, own: OwnSessions): ReadonlySet<string> {
  try {
    return new Set(own.of(target).map(({ session }) => session));
  } catch (error) {
    if (!(error instanceof ClientError) || error.code !== "local-data") throw error;
    tellError({
      hint: error.hint,
      message: `which of them are yours is not known: ${error.message}`,
    });
    return new Set();
  }
}
