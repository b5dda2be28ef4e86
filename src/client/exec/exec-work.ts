import type { Reporter } from "../running/reporter.ts";
import type { SessionWork } from "../running/run-session.ts";
import { stealTerms } from "../steal/index.ts";
import type { IncomingPlan } from "./exec-plan.ts";

/** What is done with requests to the ports of a program. */
export async function execWork(incoming: IncomingPlan | undefined, reporter: Reporter): Promise<SessionWork> {
  if (incoming?.work.mode === "steal") return { ...alone, terms: stealTerms(incoming.work) };
  if (incoming === undefined) return { ...alone, terms: noRequests };
  const { mirrorWork } = await import("../mirror/mirror-work.ts");
  return { ...mirrorWork(incoming.work, reporter), ...alone };
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
