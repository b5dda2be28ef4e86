import type { Goal } from "../measure/goal.ts";
import { goalTable, ranged, table } from "../measure/table.ts";
import {
  cpuMsPerMegabyte,
  cpuUsEach,
  type Figure,
  type Measurement,
  megabytesPerSecond,
  p50Us,
  p99Us,
  perSecond,
  type RoadName,
} from "./measurement.ts";
import type { ScenarioName } from "./scenario.ts";
import { type WayName, wayNames } from "./way.ts";

const titles: Record<WayName, string> = {
  tunnel: "tunnel, one WebSocket",
  http2: "node:http2, one session",
  pool: "a WebSocket each, pooled",
};

/** One column: a figure of one scenario. */
interface Column {
  readonly title: string;
  readonly scenario: ScenarioName;
  readonly figure: Figure;
  readonly digits: number;
}

/** Hundreds of megabytes on one road, less than one on the other. */
function load(road: RoadName): Column[] {
  return [
    { title: "1 KB streams/s", scenario: "small", figure: perSecond, digits: 0 },
    { title: "CPU µs each", scenario: "small", figure: cpuUsEach, digits: 1 },
    {
      title: "bulk MB/s",
      scenario: "bulk",
      figure: megabytesPerSecond,
      digits: road === "loopback" ? 0 : 2,
    },
    { title: "CPU ms/MB", scenario: "bulk", figure: cpuMsPerMegabyte, digits: road === "loopback" ? 2 : 0 },
  ];
}

/** Times in the unit that suits the road. */
function latency(unit: "µs" | "ms"): Column[] {
  const [scale, digits] = unit === "µs" ? [1, 0] : [1_000, 1];
  const scaled =
    (figure: Figure): Figure =>
    (slice) =>
      figure(slice) / scale;
  return [
    { title: `alone p50 ${unit}`, scenario: "alone", figure: scaled(p50Us), digits },
    { title: `p99 ${unit}`, scenario: "alone", figure: scaled(p99Us), digits },
    { title: `beside bulk p50 ${unit}`, scenario: "beside", figure: scaled(p50Us), digits },
    { title: `p99 ${unit}`, scenario: "beside", figure: scaled(p99Us), digits },
  ];
}

/** The whole run as Markdown; `linkAbout` says what emulated the link. Roads that were left out are left out here. */
export function report(
  run: Measurement,
  page: { goals: readonly Goal[]; linkAbout: string | undefined; failures: readonly string[] },
): string {
  const { goals, linkAbout, failures } = page;
  const has = (name: RoadName): boolean => run.slices.some(({ road }) => road === name);
  const parts: string[] = [];
  if (has("loopback")) parts.push(`### On loopback\n\n${roadTables(run, "loopback", "µs")}`);
  if (has("link")) {
    parts.push(`### Over a link of 40 ms that loses 1 %\n\n${linkAbout}\n\n${roadTables(run, "link", "ms")}`);
  }
  parts.push(`### Goals\n\n${goalTable(goals)}`);
  if (failures.length > 0) parts.push(`### Not clean\n\n${failures.map((line) => `- ${line}`).join("\n")}`);
  return parts.join("\n\n");
}

function roadTables(run: Measurement, road: RoadName, unit: "µs" | "ms"): string {
  return [load(road), latency(unit)].map((columns) => roadTable(run, road, columns)).join("\n\n");
}

function roadTable(run: Measurement, road: RoadName, columns: readonly Column[]): string {
  const lines = wayNames.map((way) => [
    titles[way],
    ...columns.map(({ scenario, figure, digits }) =>
      ranged(run.spread({ road, scenario }, way, figure), digits),
    ),
  ]);
  return table(["", ...columns.map(({ title }) => title)], lines);
}
