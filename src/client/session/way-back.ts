import { type Resumed, type ResumeClaim, TunnelError } from "../../tunnel/index.ts";
import type { AgentSite, Ticket } from "../target/index.ts";
import { resumeAtAgent } from "./agent-connection.ts";

/** How a session comes back to its agent when its carrier is lost. Never starts an agent: a new one has no such session. */
export interface WayBack {
  /** False when the agent is known to be gone. */
  readonly isOpen: () => boolean;
  /** @throws TunnelError `resume-refused` when there is nothing to come back to; anything else may pass. */
  readonly dial: (claim: ResumeClaim, signal: AbortSignal) => Promise<Resumed>;
}

/** The way back to the agent that has admitted us before. */
export function wayBackTo(about: { site: AgentSite; agent: Ticket }): WayBack {
  const { site, agent } = about;
  let isGone = false;
  const isOpen = (): boolean => !isGone && site.presence(agent) !== "gone";
  return {
    isOpen,
    dial: async (claim, signal) => {
      const ticket = isOpen() ? await site.ticketOfRunning({ signal }) : undefined;
      isGone = ticket?.agent !== agent.agent;
      if (ticket === undefined || isGone) throw new TunnelError("resume-refused", "its agent is gone");
      // A network that is away swallows the first packet, and the kernel waits ever longer before it tries again.
      const inTime = AbortSignal.any([signal, AbortSignal.timeout(dialTimeoutMs)]);
      return await resumeAtAgent({ site, ticket, claim, signal: inTime });
    },
  };
}

const dialTimeoutMs = 2_500;
