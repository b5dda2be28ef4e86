import type { Goal } from "../measure/goal.ts";
import { goalTable, ranged, table } from "../measure/table.ts";
import type { ContenderName } from "./contenders.ts";
import {
  cpuMs,
  type Figure,
  type Measurement,
  p50Microseconds,
  p99Microseconds,
  requestsPerSecond,
  rssMegabytes,
  type Scenario,
  scenarios,
} from "./measurement.ts";

const titles: Record<ContenderName, string> = {
  direct: "direct, no proxy",
  l4: "L4 pipe on Node",
  nginx: "nginx",
  "nginx-tuned": "nginx, larger buffers",
  haproxy: "haproxy",
  magpie: "Magpie, bystander",
  stolen: "Magpie, stolen",
};

/** The whole run as Markdown: a table for each scenario, then the goals. */
export function report(
  run: Measurement,
  rows: { contenders: readonly ContenderName[]; goals: readonly Goal[]; failures: readonly string[] },
): string {
  const { contenders, goals, failures } = rows;
  const parts = scenarios
    .filter((scenario) => run.all.some((slice) => slice.scenario === scenario))
    .map((scenario) => `### ${scenario.title}\n\n${scenarioTable(run, scenario, contenders)}`);
  parts.push(`### Goals\n\n${goalTable(goals)}`);
  if (failures.length > 0) parts.push(`### Not clean\n\n${failures.map((line) => `- ${line}`).join("\n")}`);
  return parts.join("\n\n");
}

function scenarioTable(run: Measurement, scenario: Scenario, contenders: readonly ContenderName[]): string {
  const header = [
    ...["", "requests/s", "CPU ms / 1,000", "p50 µs", "p99 µs", "RSS MB"],
    ...["req/s ÷ nginx", "CPU ÷ nginx", "CPU ÷ haproxy", "CPU ÷ L4"],
  ];
  const lines = contenders
    .filter((contender) => run.of(scenario, contender).length > 0)
    .map((contender) => {
      const own = (figure: Figure, digits: number): string =>
        ranged(run.spread(scenario, contender, figure), digits);
      const ratio = (to: ContenderName, figure: Figure): string =>
        contender === to ? "1" : ranged(run.compared(scenario, { of: contender, to }, figure), 2);
      return [
        ...[titles[contender], own(requestsPerSecond, 0), own(cpuMs, 1), own(p50Microseconds, 0)],
        ...[own(p99Microseconds, 0), own(rssMegabytes, 0)],
        ...[
          ratio("nginx", requestsPerSecond),
          ratio("nginx", cpuMs),
          ratio("haproxy", cpuMs),
          ratio("l4", cpuMs),
        ],
      ];
    });
  return table(header, lines);
}
