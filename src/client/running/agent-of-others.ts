import type { Notice } from "../../protocol/index.ts";
import { defaultDrainMaxMs, type SubscriptionPlan } from "../subscription-flags/index.ts";

/**
 * Says which flags change nothing, since they are about the agent and it was there already; undefined when there are none.
 * `backend` is how that agent catches packets.
 */
export function agentOfOthersNotice(
  plan: Pick<SubscriptionPlan, "redirect" | "limits" | "drainMaxMs">,
  { backend }: { backend: string },
): Notice | undefined {
  const { redirect, limits, drainMaxMs } = plan;
  const idle = [
    ...(redirect === "auto" || redirect === backend ? [] : [`--redirect ${redirect}`]),
    ...(Object.keys(limits).length === 0 ? [] : ["--budget"]),
    ...(drainMaxMs === defaultDrainMaxMs ? [] : ["--drain-max"]),
  ];
  if (idle.length === 0) return undefined;
  const [change, them] = idle.length === 1 ? ["changes", "it"] : ["change", "them"];
  const message =
    `${idle.join(" and ")} ${change} nothing: the agent runs already (${backend}), as whoever started it asked. ` +
    `When everybody has left it, the next one is started with ${them}`;
  return { type: "notice", level: "warning", code: "agent-of-others", message };
}
