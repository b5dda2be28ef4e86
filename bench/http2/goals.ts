import type { Goal } from "../measure/goal.ts";
import { cpuMs, type Measurement, requestsPerSecond, scenarios } from "./measurement.ts";

/** The goals of the path of HTTP/2, with the medians of this run. */
export function goals(run: Measurement): Goal[] {
  return scenarios.flatMap((scenario): Goal[] => {
    const { title } = scenario;
    const rate = (to: "nginx" | "nghttpx"): Goal => ({
      text: `requests/s against ${to}: ${title}`,
      unit: "×",
      limit: 1,
      direction: "at least",
      measured: run.compared(scenario, { of: "magpie", to }, requestsPerSecond)?.median,
    });
    return [
      rate("nginx"),
      rate("nghttpx"),
      {
        text: `CPU against haproxy: ${title}`,
        unit: "×",
        limit: 1,
        direction: "at most",
        measured: run.compared(scenario, { of: "magpie", to: "haproxy" }, cpuMs)?.median,
      },
    ];
  });
}
