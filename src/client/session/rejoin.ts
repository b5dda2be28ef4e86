import { setTimeout as delay } from "node:timers/promises";
import { type ResumableCarrier, type ResumeClaim, TunnelError } from "../../tunnel/index.ts";
import type { WayBack } from "./way-back.ts";

/** By what we are known to the agent. */
export type Credentials = Pick<ResumeClaim, "sessionId" | "key">;

/**
 * Brings a lost carrier back: dials until somebody answers, first at once, then ever slower, up to once a second.
 * Settles when the carrier stands again, or when `signal` aborts, which the end of the grace time should cause.
 * @throws TunnelError `resume-refused` when there is nothing to come back to.
 */
export async function rejoin(about: {
  readonly carrier: ResumableCarrier;
  readonly credentials: Credentials;
  readonly wayBack: WayBack;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { carrier, credentials, wayBack, signal } = about;
  for (let waitMs = 0; !signal.aborted; waitMs = Math.min(Math.max(2 * waitMs, firstWaitMs), maxWaitMs)) {
    try {
      if (waitMs > 0) await delay(waitMs, undefined, { signal });
      const claim = { ...credentials, receivedBytes: carrier.receivedBytes };
      const resumed = await wayBack.dial(claim, signal);
      // A carrier that is over by now destroys what it is given.
      return carrier.attach(resumed.carrier, resumed.peerReceivedBytes);
    } catch (error) {
      if (error instanceof TunnelError && error.code === "resume-refused" && !signal.aborted) throw error;
      // The network is not back yet, or the agent is busy: that is what the grace time is for.
    }
  }
}

const firstWaitMs = 125;
const maxWaitMs = 1_000;
