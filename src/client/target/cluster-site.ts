import type { Duplex } from "node:stream";
import type { PodAgents, PodTicket } from "../../kubernetes/index.ts";
import { ClientError } from "../errors.ts";
import type { AgentSite, AgentTicket } from "./agent-site.ts";

/**
 * The agent beside a pod of a cluster, reached through the API server only. Nothing is loaded, and nothing asked of the cluster,
 * before it is needed: then `find` is asked for the pod.
 */
export function clusterSite(find: (signal: AbortSignal | undefined) => Promise<PodAgents>): AgentSite {
  let found: Promise<PodAgents> | undefined;
  const agents = async (signal: AbortSignal | undefined): Promise<PodAgents> => {
    found ??= find(signal).catch((error: unknown) => {
      found = undefined; // The next one may be luckier.
      throw error;
    });
    return await found;
  };
  return {
    ticketOfRunning: ({ signal }) =>
      translated(async () => {
        try {
          const ticket = await (await agents(signal)).ticketOfRunning({ signal });
          return ticket && ticketOf(ticket);
        } catch (error) {
          // A pod that is gone has no agent.
          if (found !== undefined && isNotFound(error)) return undefined;
          throw error;
        }
      }),
    ticket: ({ redirect, drainMaxMs, limits, looksIntoApp = false }, options) =>
      translated(async () => {
        const { signal, onStarting, onProgress } = options;
        const settings = { redirect, drainMaxMs, limits, looksIntoApp };
        return ticketOf(await (await agents(signal)).ticket(settings, { signal, onStarting, onProgress }));
      }),
    connect: ({ port }, { signal }) =>
      translated(async (): Promise<Duplex> => (await agents(signal)).connect(port, { signal })),
    // The API server knows; it is asked when a session comes back.
    presence: () => "unknown",
    logHint: "`kubectl logs` shows its log, and `kubectl describe pod` what its node says of it.",
  };
}

function ticketOf({ ticket, port, pid, place, isStarted }: PodTicket): AgentTicket {
  return { ticket, port, pid, agent: place.name, isStarted };
}

function isNotFound(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "not-found";
}

/** Says in the client's words what a cluster refuses. */
async function translated<Result>(act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof ClientError || !(error instanceof Error) || error.name !== "KubernetesError")
      throw error;
    const { KubernetesError } = await import("../../kubernetes/index.ts");
    const { clusterError } = await import("./cluster-error.ts");
    throw error instanceof KubernetesError ? clusterError(error) : error;
  }
}
