import { type NotingCarrier, TunnelError } from "../../tunnel/index.ts";
import { ClientError } from "../errors.ts";
import type { AgentPresence, AgentTicket, AgentWish, ResolvedTarget } from "../target/index.ts";
import { connectToAgent } from "./agent-connection.ts";
import type { JoinedAgent } from "./session-end.ts";
import { type WayBack, wayBackTo } from "./way-back.ts";

/** The way to an agent, what admitted us, and how to come back. */
export interface Joined {
  readonly carrier: NotingCarrier;
  readonly ticket: AgentTicket;
  readonly agent: JoinedAgent;
  readonly wayBack: WayBack;
}

/**
 * Gives a way to the target's agent, which is started when none runs.
 *
 * An agent ends with its last client, so the one that gave the ticket may be gone when we knock: then all is done once
 * more, and again. The caller owns the carrier.
 * @throws ClientError `agent-start`, `agent-unreachable`; the signal's reason.
 */
export async function joinTarget(
  options: AgentWish & {
    target: ResolvedTarget;
    /** The first ticket, where it has been asked for already. */
    firstTicket?: Promise<AgentTicket> | undefined;
    onProgress?: ((doing: string, outcome?: string) => void) | undefined;
    onWarning?: ((message: string) => void) | undefined;
    signal: AbortSignal;
  },
): Promise<Joined> {
  const { target, onProgress, onWarning, signal } = options;
  let { firstTicket } = options;
  return knock({ target, signal }, async () => {
    const asked = firstTicket ?? target.site.ticket(options, { onProgress, onWarning, signal });
    firstTicket = undefined;
    const ticket = await asked;
    onProgress?.("opening the tunnel", ticket.isStarted ? "agent started" : "agent found");
    return ticket;
  });
}

/**
 * The same with the agent that is there; starts none. The caller owns the carrier.
 * @throws ClientError `no-agent`, `agent-unreachable`; the signal's reason.
 */
export async function joinRunningAgent(options: {
  target: ResolvedTarget;
  signal: AbortSignal;
}): Promise<Joined> {
  const { target, signal } = options;
  return knock(options, async () => {
    const ticket = await target.site.ticketOfRunning({ signal });
    if (ticket !== undefined) return { ...ticket, isStarted: false };
    throw new ClientError("no-agent", `nobody uses ${target.label} through magpie: no agent runs there`);
  });
}

/** Asks for tickets until one admits. */
async function knock(
  about: { target: ResolvedTarget; signal: AbortSignal },
  ticketOf: () => Promise<AgentTicket>,
): Promise<Joined> {
  const { target, signal } = about;
  const { site } = target;
  let failure: unknown;
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const ticket = await ticketOf();
    try {
      const carrier = await connectToAgent({ site, ticket, signal });
      const wayBack = wayBackTo({ site, agent: ticket });
      const presence = (): AgentPresence => (wayBack.isOpen() ? site.presence(ticket) : "gone");
      return { carrier, ticket, agent: { name: ticket.agent, presence }, wayBack };
    } catch (error) {
      signal.throwIfAborted();
      failure = error;
      if (error instanceof TunnelError && error.code === "upgrade-refused") break;
      // What the user has to hear as it is: a right that is missing, say.
      if (error instanceof ClientError) throw error;
    }
  }
  throw new ClientError("agent-unreachable", `the agent in ${target.label} does not take the connection`, {
    hint: `${failure instanceof Error ? failure.message : String(failure)}. ${site.logHint}`,
    cause: failure,
  });
}

const maxAttempts = 3;
