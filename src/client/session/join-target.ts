import type { Carrier } from "../../tunnel/index.ts";
import { TunnelError } from "../../tunnel/index.ts";
import { ClientError } from "../errors.ts";
import {
  type RedirectBackend,
  type ResolvedTarget,
  runtimeDirectoryOf,
  type Ticket,
  ticketOfAgent,
} from "../target/index.ts";
import { connectToAgent } from "./agent-connection.ts";

/**
 * Gives a way to the target's agent, which is started when none runs.
 *
 * An agent ends with its last client, so the one that gave the ticket may be gone when we knock: then all is done once
 * more, and again. The caller owns the carrier.
 * @throws ClientError `agent-start`, `agent-unreachable`; the signal's reason.
 */
export async function joinTarget(options: {
  target: ResolvedTarget;
  redirect: RedirectBackend;
  lingerMs: number;
  signal: AbortSignal;
}): Promise<{ carrier: Carrier; ticket: Ticket }> {
  const { target, signal } = options;
  const runtimeDirectory = runtimeDirectoryOf(target);
  let failure: unknown;
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const ticket = await ticketOfAgent({ ...options, runtimeDirectory });
    try {
      return { carrier: await connectToAgent({ netnsPath: target.netnsPath, ticket, signal }), ticket };
    } catch (error) {
      signal.throwIfAborted();
      failure = error;
      if (error instanceof TunnelError && error.code === "upgrade-refused") break;
    }
  }
  throw new ClientError("agent-unreachable", `the agent in ${target.label} does not take the connection`, {
    hint: `${failure instanceof Error ? failure.message : String(failure)}. Its log is in ${runtimeDirectory}.`,
    cause: failure,
  });
}

const maxAttempts = 3;
