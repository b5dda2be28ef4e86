import type { MetricsQuestion } from "../../protocol/index.ts";
import { expositionOf, type Family, jsonOf } from "../metrics/index.ts";
import type { Asker } from "./asker.ts";

/** What the numbers come from. */
export interface Measured {
  families(): readonly Family[];
}

/** Everything that is measured of the agent, as it is now. */
export function answerMetrics(metrics: Measured, { form }: MetricsQuestion, asker: Asker): void {
  const families = metrics.families();
  asker.finish(form === "text" ? { text: expositionOf(families) } : { families: jsonOf(families) });
}
