import { CommandInspection } from "../../inspector/command-inspection.ts";
import type { Reporter } from "../../running/reporter.ts";
import type { SessionPlan } from "../../subscription-flags/index.ts";

/** Gives where a command can be looked at, with its page where that is wanted from the begin. @throws ClientError `local-data` */
export async function inspectionOf(
  { inspect, target }: Pick<SessionPlan, "inspect" | "target">,
  reporter: Reporter,
): Promise<CommandInspection> {
  const inspection = new CommandInspection({
    target: target.label,
    onLate: (url) => reporter.inspector({ url }),
    onNotice: (message) => reporter.notice({ type: "notice", level: "warning", code: "inspector", message }),
  });
  if (inspect !== undefined) reporter.inspector({ url: await inspection.open(inspect) });
  return inspection;
}
