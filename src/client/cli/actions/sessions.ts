import { ClientError } from "../../errors.ts";
import { exitCodes } from "../../exit-codes.ts";
import type { SessionsFlags } from "../commands/sessions.ts";
import { nothingElse, runQuestion } from "./question.ts";
import { sessionLines } from "./session-lines.ts";

/** Runs `magpie sessions`; gives the exit code. */
export function runSessions(flags: SessionsFlags): Promise<number> {
  return runQuestion(flags, nothingElse, async ({ target, own, name, signal, writeLine, paint }) => {
    const { listSessions } = await import("../../control/index.ts");
    const sessions = await listSessions({ target, name, signal }).catch((error: unknown) => {
      // Where nobody has started an agent, nobody holds anything.
      if (error instanceof ClientError && error.code === "no-agent") return [];
      throw error;
    });
    const mine = new Set(own.of(target).map(({ session }) => session));
    if (flags.output === "json") {
      const marked = sessions.map((session) => ({ ...session, own: mine.has(session.id) }));
      writeLine(JSON.stringify({ event: "sessions", target: target.label, sessions: marked }));
    } else if (sessions.length === 0) writeLine(paint("dim", `nobody uses ${target.label} through magpie`));
    else for (const line of sessionLines(sessions, { mine, paint, now: Date.now() })) writeLine(line);
    return exitCodes.ok;
  });
}
