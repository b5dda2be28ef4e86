import type { Goal } from "../measure/goal.ts";
import {
  cpuMs,
  large,
  type Measurement,
  middle,
  p50Microseconds,
  requestsPerSecond,
  smallAlone,
  smallBusy,
} from "./measurement.ts";

/** The goals of the bystander's path, with the medians of this run. `filterMicroseconds`: 100 filters that do not match. */
export function goals(run: Measurement, filterMicroseconds: number | undefined): Goal[] {
  const nginx = { of: "magpie", to: "nginx" } as const;
  const haproxy = { of: "magpie", to: "haproxy" } as const;
  const minus = (of: number, to: number): number => of - to;
  const added = run.compared(smallAlone, { of: "magpie", to: "direct" }, p50Microseconds, minus);
  const nginxAdded = run.compared(smallAlone, { of: "nginx", to: "direct" }, p50Microseconds, minus);
  const overPipe = run.compared(smallAlone, { of: "magpie", to: "l4" }, p50Microseconds, minus);
  const stolen = run.compared(smallAlone, { of: "stolen", to: "magpie" }, p50Microseconds);
  const atMost = (text: string, limit: number, measured: number | undefined, unit = "×"): Goal => {
    return { text, unit, limit, direction: "at most", measured };
  };
  return [
    {
      text: "requests/s against nginx, 1 KB",
      unit: "×",
      limit: 1,
      direction: "at least",
      measured: run.compared(smallBusy, nginx, requestsPerSecond)?.median,
    },
    atMost("CPU against nginx, 1 KB", 0.9, run.compared(smallBusy, nginx, cpuMs)?.median),
    atMost("CPU against haproxy, 1 KB", 1, run.compared(smallBusy, haproxy, cpuMs)?.median),
    atMost("CPU against nginx, 64 KB", 0.75, run.compared(middle, nginx, cpuMs)?.median),
    atMost("CPU against nginx, 1 MB", 0.6, run.compared(large, nginx, cpuMs)?.median),
    atMost(
      "added p50 at one connection, against nginx's",
      nginxAdded?.median ?? Number.NaN,
      added?.median,
      " µs",
    ),
    atMost("p50 over the L4 pipe at one connection", 25, overPipe?.median, " µs"),
    atMost("100 filters that do not match", 1, filterMicroseconds, " µs"),
    atMost("a stolen request's p50 against a bystander's", 3, stolen?.median),
  ];
}
