import { execFileSync } from "node:child_process";
import { cpus, loadavg, release } from "node:os";
import type { ContenderName } from "./contenders.ts";
import { type Goal, isMet } from "./goals.ts";
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
import type { Spread } from "./spread.ts";

const titles: Record<ContenderName, string> = {
  direct: "direct, no proxy",
  l4: "L4 pipe on Node",
  nginx: "nginx",
  "nginx-tuned": "nginx, larger buffers",
  haproxy: "haproxy",
  magpie: "Magpie, bystander",
  stolen: "Magpie, stolen",
};

/** Date, machine and versions, as list items. */
export function machine(): string[] {
  const [first] = cpus();
  return [
    `${new Date().toISOString().slice(0, 16).replace("T", " ")} UTC`,
    `${cpus().length} × ${first?.model.trim() ?? "unknown CPU"}, Linux ${release()}, load average ${loadavg()[0]?.toFixed(1)} at the start`,
    `Node ${process.version}, ${version("nginx", "-v")}, ${version("haproxy", "-v")}, ${version("wrk", "-v")}`,
  ];
}

/** nginx says its version on stderr, wrk with an exit code. */
function version(command: string, option: string): string {
  const said = execFileSync("sh", ["-c", `${command} ${option} 2>&1 || true`], { encoding: "utf8" });
  return `${command} ${/\d+\.\d+(?:\.\d+)?/.exec(said)?.[0] ?? "unknown"}`;
}

/** The whole run as Markdown: a table for each scenario, then the goals. */
export function report(
  run: Measurement,
  rows: { contenders: readonly ContenderName[]; goals: readonly Goal[]; failures: readonly string[] },
): string {
  const { contenders, goals, failures } = rows;
  const parts = scenarios
    .filter((scenario) => run.slices.some((slice) => slice.scenario === scenario))
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
  return markdownTable(header, lines);
}

function goalTable(goals: readonly Goal[]): string {
  const lines = goals.map((goal) => {
    const { text, unit, limit, direction, measured } = goal;
    const met = isMet(goal);
    const shown = (value: number): string =>
      Number.isNaN(value) ? "–" : `${Number(value.toFixed(2))}${unit}`;
    const verdict = met === undefined || Number.isNaN(limit) ? "not measured" : met ? "met" : "missed";
    return [text, `${direction} ${shown(limit)}`, measured === undefined ? "–" : shown(measured), verdict];
  });
  return markdownTable(["goal", "limit", "median", "result"], lines);
}

/** `12.3 (11.9–14.0)` */
function ranged(value: Spread | undefined, digits: number): string {
  if (!value) return "–";
  const { median, min, max } = value;
  return `${median.toFixed(digits)} (${min.toFixed(digits)}–${max.toFixed(digits)})`;
}

/** Columns as wide as their widest cell, so that the source reads like the page. */
function markdownTable(header: readonly string[], lines: readonly (readonly string[])[]): string {
  const widths = header.map((_, column) =>
    Math.max(3, ...[header, ...lines].map((line) => (line[column] ?? "").length)),
  );
  const row = (cells: readonly string[]): string =>
    `| ${widths.map((width, column) => (cells[column] ?? "").padEnd(width)).join(" | ")} |`;
  return [row(header), row(widths.map((width) => "-".repeat(width))), ...lines.map(row)].join("\n");
}
