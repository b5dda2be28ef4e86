import { execFile } from "node:child_process";
import { connect } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ClientError } from "../errors.ts";
import { isRecord, parseJson } from "../text/json.ts";
import type { Ticket } from "./agent-site.ts";

/** The agent's launcher, run by file and never imported: client and agent share no code but the wire's. */
const launcherPath = fileURLToPath(new URL("../../agent/magpie-agent.js", import.meta.url));

/** How the agent's own command line is called; replaced in tests. */
export interface AgentCommand {
  readonly program: string;
  readonly args: readonly string[];
}

/**
 * Calls the agent with the very Node this process runs on, since the machine's own may be too old, and with a small
 * nursery, as the launcher's own first line says: test/netns/memory.long.ts measures what it is for.
 */
export const agentCommand: AgentCommand = {
  program: process.execPath,
  args: ["--max-semi-space-size=4", launcherPath],
};

/** What `magpie-agent ticket` exits with when no agent runs in that directory. */
const noAgentExitCode = 3;

/**
 * Asks for a ticket of the agent that lives in a runtime directory; undefined when none runs there.
 * Whoever may open its socket may join: the ticket is never logged, and good for one connection. `magpie-agent ticket` asks
 * there too; it is run only where `command` says so, since starting a program takes longer than all the rest.
 * @throws ClientError `agent-start` when it is there and gives none.
 */
export async function askTicket(options: {
  runtimeDirectory: string;
  command?: AgentCommand;
  signal?: AbortSignal | undefined;
}): Promise<Ticket | undefined> {
  const { command, runtimeDirectory, signal } = options;
  if (command === undefined) return await askSocket(runtimeDirectory, signal);
  const args = [...command.args, "ticket", "--runtime-dir", runtimeDirectory];
  const result = await run(command.program, args, signal);
  if (result.exitCode === noAgentExitCode) return undefined;
  if (result.exitCode !== 0) throw noTicket(runtimeDirectory, lastLine(result.stderr));
  return readTicket(result.stdout);
}

/** The agent says one line to whoever connects, and closes. */
async function askSocket(
  runtimeDirectory: string,
  signal: AbortSignal | undefined,
): Promise<Ticket | undefined> {
  signal?.throwIfAborted();
  const socket = connect(join(runtimeDirectory, "agent.sock"));
  const overtime = AbortSignal.timeout(answerTimeoutMs);
  const over = signal === undefined ? overtime : AbortSignal.any([overtime, signal]);
  over.addEventListener("abort", () => socket.destroy(new Error("the agent does not answer")));
  let answer = "";
  try {
    for await (const chunk of socket.setEncoding("utf8")) {
      answer += String(chunk);
      if (answer.length > maxAnswerLength) throw new Error("its answer is too long");
    }
  } catch (cause) {
    signal?.throwIfAborted();
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    if (code === "ENOENT" || code === "ECONNREFUSED") return undefined;
    // Who waits to be let in when an agent closes is reset, as unix(7) does it, and was not given a ticket.
    if (code === "ECONNRESET" && answer === "") return undefined;
    throw noTicket(runtimeDirectory, cause instanceof Error ? cause.message : String(cause));
  } finally {
    socket.destroy();
  }
  // One that could not start, or has just closed, says nothing.
  return answer.trim() === "" ? undefined : readTicket(answer);
}

function noTicket(runtimeDirectory: string, why: string): ClientError {
  return new ClientError("agent-start", `the agent gave no ticket: ${why}`, {
    hint:
      `Its log is in ${runtimeDirectory}. One that hangs or is stopped has given its ports back; ` +
      `\`pgrep -f 'run --runtime-dir ${runtimeDirectory}'\` finds it, and without it a new one starts.`,
  });
}

function run(
  program: string,
  args: readonly string[],
  signal: AbortSignal | undefined,
): Promise<{ exitCode: number; stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const options = { timeout: ticketTimeoutMs, ...(signal === undefined ? {} : { signal }) };
    execFile(program, args, options, (error, stdout, stderr) => {
      if (signal?.aborted === true) reject(signal.reason);
      else if (error === null) resolve({ exitCode: 0, stdout, stderr });
      else if (typeof error.code === "number") resolve({ exitCode: error.code, stdout, stderr });
      else reject(new ClientError("agent-start", `${program} could not be run`, { cause: error }));
    });
  });
}

function readTicket(text: string): Ticket {
  const value = parseJson(text);
  const { ticket, port, pid } = isRecord(value) ? value : {};
  if (typeof ticket === "string" && typeof port === "number" && typeof pid === "number")
    return { ticket, port, pid, agent: `pid ${pid}` };
  throw new ClientError("agent-start", "the agent's answer holds no ticket", {
    hint: "Client and agent are of different versions? Install both from one package.",
  });
}

/** The last line that says something, or that nothing was said. */
export function lastLine(text: string): string {
  return text.trim().split("\n").at(-1)?.trim() || "it said nothing";
}

const ticketTimeoutMs = 15_000;
/** An agent that hangs must not hang whoever asks it. */
const answerTimeoutMs = 5_000;
const maxAnswerLength = 4_096;
