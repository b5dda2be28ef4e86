import {
  connectWebSocket,
  type NotingCarrier,
  type Resumed,
  type ResumeClaim,
  resumeWebSocket,
} from "../../tunnel/index.ts";
import type { AgentSite, Ticket } from "../target/index.ts";

/** Where the agent takes upgrades. */
const tunnelPath = "/tunnel";

/**
 * Connects to an agent that has given a ticket. The caller owns the carrier.
 * @throws TunnelError `ticket-refused`, `upgrade-refused`, `connect-failed`; whatever the way to it says when nobody listens.
 */
export async function connectToAgent(options: Knock): Promise<NotingCarrier> {
  return await connectWebSocket(await knock(options));
}

/**
 * The same for a session that exists.
 * @throws TunnelError also `resume-refused`.
 */
export async function resumeAtAgent(options: Knock & { claim: ResumeClaim }): Promise<Resumed> {
  return await resumeWebSocket({ ...(await knock(options)), claim: options.claim });
}

interface Knock {
  readonly site: Pick<AgentSite, "connect">;
  readonly ticket: Pick<Ticket, "ticket" | "port">;
  readonly signal?: AbortSignal | undefined;
}

/** A connection, and what is to be said on it. */
async function knock({ site, ticket, signal }: Knock) {
  const socket = await site.connect(ticket, { signal });
  const upgrade = { socket, ticket: ticket.ticket, path: tunnelPath };
  return signal === undefined ? upgrade : { ...upgrade, signal };
}
