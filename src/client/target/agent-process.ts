import { join } from "node:path";
import { ClientError } from "../errors.ts";
import { type AgentCommand, askTicket, type Ticket } from "./agent-command.ts";
import { type AgentLimits, type RedirectBackend, startAgent } from "./agent-start.ts";
import type { ResolvedTarget } from "./target.ts";

/** Where the agents of this machine keep their sockets, tickets and logs: one directory per network namespace. */
export function runtimeDirectoryOf(
  target: ResolvedTarget,
  environment: NodeJS.ProcessEnv = process.env,
): string {
  return join(environment["MAGPIE_RUNTIME_DIR"] || "/run/magpie", String(target.netnsInode));
}

/** Gives a ticket of the target's agent, or undefined when none runs. @throws ClientError `agent-start` */
export async function ticketOfRunningAgent(options: {
  target: ResolvedTarget;
  signal?: AbortSignal;
}): Promise<Ticket | undefined> {
  return askTicket({ runtimeDirectory: runtimeDirectoryOf(options.target), signal: options.signal });
}

/** What admits to an agent, and whether it was started for it: then it is as was asked for. */
export interface AgentTicket extends Ticket {
  readonly isStarted: boolean;
}

/**
 * Asks for a ticket as `ticketOfAgent` does, and settles when that has gone as far as it can without waiting for an agent:
 * one that has to be started has been by then. Meanwhile the caller may be busy.
 */
export async function beginTicketOfAgent(
  options: Omit<Parameters<typeof ticketOfAgent>[0], "runtimeDirectory">,
): Promise<{ readonly ticket: Promise<AgentTicket> }> {
  const under = Promise.withResolvers<void>();
  const runtimeDirectory = runtimeDirectoryOf(options.target);
  const ticket = ticketOfAgent({ ...options, runtimeDirectory, onStarting: under.resolve });
  // Whoever has it hears of its failure.
  ticket.then(
    () => under.resolve(),
    () => under.resolve(),
  );
  await under.promise;
  return { ticket };
}

/**
 * Gives a ticket of the target's agent, and starts that agent when none runs.
 *
 * Two clients may do so at once: one agent wins the runtime directory, the other fails to start, and its client finds the
 * winner on asking again. So a failed start counts only when afterwards there still is no agent.
 * @throws ClientError `agent-start`.
 */
export async function ticketOfAgent(options: {
  target: ResolvedTarget;
  runtimeDirectory: string;
  redirect: RedirectBackend;
  lingerMs: number;
  drainMaxMs?: number;
  limits?: AgentLimits;
  command?: AgentCommand;
  /** None runs, and one is about to be ready. */
  onStarting?: () => void;
  signal?: AbortSignal;
}): Promise<AgentTicket> {
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
