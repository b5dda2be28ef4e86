// Not by their indexes: what a mirror does is loaded when there is something to do.
import type { mirrorWork } from "../mirror/mirror-work.ts";
import { mirrorTerms } from "../mirror/mirror-plan.ts";
import type { InspectionPoint } from "../running/inspection-point.ts";
import type { Reporter } from "../running/reporter.ts";
import type { SessionWork } from "../running/run-session.ts";
import { stealTerms } from "../steal/steal-plan.ts";
import type { IncomingPlan } from "./exec-plan.ts";

/** What is done with requests to the ports of a program. */
export function execWork(
  incoming: IncomingPlan | undefined,
  reporter: Reporter,
  inspection?: InspectionPoint,
): SessionWork {
  if (incoming?.work.mode === "steal") return { ...alone, inspection, terms: stealTerms(incoming.work) };
  if (incoming === undefined) return { ...alone, inspection, terms: noRequests };
  const plan = incoming.work;
  // Once for all sessions: what was counted in a lost one goes on to count.
  let loaded: ReturnType<typeof mirrorWork> | undefined;
  return {
    ...alone,
    inspection,
    terms: mirrorTerms(plan),
    receiverFor: async (parts) => {
      loaded ??= (await import("../mirror/mirror-work.ts")).mirrorWork(plan, reporter, inspection);
      return loaded.receiverFor(parts);
    },
    onCopies: (copies, source) => loaded?.onCopies?.(copies, source),
    conclude: async () => (await loaded?.conclude?.()) ?? 0,
  };
}

/** The program ends, and the session with it. */
const alone = { outlivesPorts: true, afterwards: "the program has ended" };

/** Of a session that subscribes to nothing. */
const noRequests = {
  mode: "mirror",
  priority: 0,
  onLocalFailure: "original",
  probes: "original",
  mirror: { sample: 1, maxPerSecond: null, answers: false },
} as const;
