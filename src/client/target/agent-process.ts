import { join } from "node:path";
import { ClientError } from "../errors.ts";
import { type AgentCommand, askTicket } from "./agent-command.ts";
import type { AgentTicket, AgentWish, Ticket } from "./agent-site.ts";
import { startAgent } from "./agent-start.ts";
import type { LocalTarget } from "./target.ts";

/** Where the agents of this machine keep their sockets, tickets and logs: one directory per network namespace. */
export function runtimeDirectoryOf(
  target: Pick<LocalTarget, "netnsInode">,
  environment: NodeJS.ProcessEnv = process.env,
): string {
  return join(environment["MAGPIE_RUNTIME_DIR"] || "/run/magpie", String(target.netnsInode));
}

/** Gives a ticket of the target's agent, or undefined when none runs. @throws ClientError `agent-start` */
export async function ticketOfRunningAgent(options: {
  target: Pick<LocalTarget, "netnsInode">;
  signal?: AbortSignal | undefined;
}): Promise<Ticket | undefined> {
  return askTicket({ runtimeDirectory: runtimeDirectoryOf(options.target), signal: options.signal });
}

/**
 * Gives a ticket of the target's agent, and starts that agent when none runs.
 *
 * Two clients may do so at once: one agent wins the runtime directory, the other fails to start, and its client finds the
 * winner on asking again. So a failed start counts only when afterwards there still is no agent.
 * @throws ClientError `agent-start`.
 */
export async function ticketOfAgent(
  options: AgentWish & {
    target: LocalTarget;
    runtimeDirectory: string;
    command?: AgentCommand;
    /** None runs, and one is about to be ready. */
    onStarting?: (() => void) | undefined;
    signal?: AbortSignal | undefined;
  },
): Promise<AgentTicket> {
  const { runtimeDirectory, signal, command } = options;
  const request = { runtimeDirectory, signal, ...(command === undefined ? {} : { command }) };
  const running = await askTicket(request);
  if (running !== undefined) return { ...running, isStarted: false };

  let failure: unknown;
  try {
    const { netnsPath, podRoot } = options.target;
    const starting = startAgent({ ...options, netnsPath, podRoot });
    options.onStarting?.();
    await starting;
  } catch (error) {
    signal?.throwIfAborted();
    failure = error;
  }
  const ticket = await askTicket(request);
  if (ticket !== undefined) return { ...ticket, isStarted: failure === undefined };
  throw (
    failure ??
    new ClientError("agent-start", `the agent in ${options.target.label} ended right after its start`, {
      hint: `Its log is in ${runtimeDirectory}.`,
    })
  );
}
