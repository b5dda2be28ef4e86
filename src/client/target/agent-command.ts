import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { ClientError } from "../errors.ts";
import { isRecord, parseJson } from "../text/json.ts";

/** The agent's launcher, run by file and never imported: client and agent share no code but the wire's. */
const launcherPath = fileURLToPath(new URL("../../agent/magpie-agent.js", import.meta.url));

/** A one-time admission to a running agent. */
export interface Ticket {
  readonly ticket: string;
  /** Where the agent listens, on 127.0.0.1 of the target's network namespace. */
  readonly port: number;
  readonly pid: number;
}

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
 * Whoever may run this command there may join: the ticket is never logged, and good for one connection.
 * @throws ClientError `agent-start` when the command fails in any other way.
 */
export async function askTicket(options: {
  runtimeDirectory: string;
  command?: AgentCommand;
  signal?: AbortSignal | undefined;
}): Promise<Ticket | undefined> {
  const command = options.command ?? agentCommand;
  const args = [...command.args, "ticket", "--runtime-dir", options.runtimeDirectory];
  const result = await run(command.program, args, options.signal);
  if (result.exitCode === noAgentExitCode) return undefined;
  if (result.exitCode !== 0) {
    throw new ClientError("agent-start", `the agent gave no ticket: ${lastLine(result.stderr)}`, {
      hint:
        `Its log is in ${options.runtimeDirectory}. One that hangs or is stopped has given its ports back; ` +
        `\`pgrep -f 'run --runtime-dir ${options.runtimeDirectory}'\` finds it, and without it a new one starts.`,
    });
  }
  return readTicket(result.stdout);
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
  if (
    isRecord(value) &&
    typeof value["ticket"] === "string" &&
    typeof value["port"] === "number" &&
    typeof value["pid"] === "number"
  ) {
    return { ticket: value["ticket"], port: value["port"], pid: value["pid"] };
  }
  throw new ClientError("agent-start", "the agent's answer holds no ticket", {
    hint: "Client and agent are of different versions? Install both from one package.",
  });
}

/** The last line that says something, or that nothing was said. */
export function lastLine(text: string): string {
  return text.trim().split("\n").at(-1)?.trim() || "it said nothing";
}

const ticketTimeoutMs = 15_000;
