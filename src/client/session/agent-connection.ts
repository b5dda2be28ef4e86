import { once } from "node:events";
import { Socket } from "node:net";
import { tcpSocketIn } from "../../kernel/index.ts";
import {
  connectWebSocket,
  type NotingCarrier,
  type Resumed,
  type ResumeClaim,
  resumeWebSocket,
} from "../../tunnel/index.ts";
import type { Ticket } from "../target/index.ts";

/** Where the agent takes upgrades. */
const tunnelPath = "/tunnel";

/**
 * Connects to an agent that listens on the loopback of another network namespace.
 *
 * The socket is made inside that namespace and used from here: no process of ours has to stay there, and nobody outside
 * that namespace can reach the agent's port. The caller owns the carrier.
 * @throws KernelError when the namespace cannot be entered; TunnelError `ticket-refused`, `upgrade-refused`,
 * `connect-failed`; a system error when nobody listens.
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
  readonly netnsPath: string;
  readonly ticket: Ticket;
  readonly signal?: AbortSignal | undefined;
}

/** A connected socket, and what is to be said on it. */
async function knock(options: Knock) {
  const { ticket, signal } = options;
  signal?.throwIfAborted();
  // Without `manualStart`, which its types leave out, Node would read from the socket before it is connected.
  const socketOptions = { fd: tcpSocketIn(options.netnsPath, 4), manualStart: true };
  const socket = new Socket(socketOptions);
  try {
    socket.setNoDelay(true).connect({ host: "127.0.0.1", port: ticket.port });
    await once(socket, "connect", { signal });
  } catch (error) {
    socket.destroy();
    throw error;
  }
  const upgrade = { socket, ticket: ticket.ticket, path: tunnelPath };
  return signal === undefined ? upgrade : { ...upgrade, signal };
}
