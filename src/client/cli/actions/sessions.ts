import { formatFilter, readFilter } from "../../../filters/index.ts";
import type { ListedSession, ListedSubscription } from "../../../protocol/index.ts";
import { ClientError } from "../../errors.ts";
import { exitCodes } from "../../exit-codes.ts";
import { type Paint, printable } from "../../text/paint.ts";
import type { SessionsFlags } from "../commands/sessions.ts";
import { runQuestion } from "./question.ts";

/** Runs `magpie sessions`; gives the exit code. */
export function runSessions(flags: SessionsFlags): Promise<number> {
  return runQuestion(flags, async ({ target, name, signal, writeLine, paint }) => {
    const { listSessions } = await import("../../control/index.ts");
    const sessions = await listSessions({ target, name, signal }).catch((error: unknown) => {
      // Where nobody has started an agent, nobody holds anything.
      if (error instanceof ClientError && error.code === "no-agent") return [];
      throw error;
    });
    if (flags.output === "json") writeLine(JSON.stringify({ event: "sessions", sessions }));
    else if (sessions.length === 0) writeLine(paint("dim", `nobody uses ${target.label} through magpie`));
    else for (const session of sessions) for (const line of sessionLines(session, paint)) writeLine(line);
    return exitCodes.ok;
  });
}

function sessionLines(session: ListedSession, paint: Paint): string[] {
  const head = `${paint("bold", session.id)}  ${printable(session.name)}  since ${timeOf(session.since)}`;
  return [head, ...session.subscriptions.map((held) => `  ${subscriptionLine(held)}`)];
}

function subscriptionLine({ port, mode, filter, since, requests, revision }: ListedSubscription): string {
  const what = filter === null ? "everything" : formatFilter(readFilter(filter));
  const count = `${requests} ${requests === 1 ? "request" : "requests"}`;
  return `port ${port}  ${mode}  ${printable(what)}  ${count} since ${timeOf(since)}, revision ${revision}`;
}

function timeOf(at: number): string {
  return new Date(at).toTimeString().slice(0, 8);
}
