import type { Goal } from "../measure/goal.ts";
import { type Cell, cpuUsEach, type Figure, type Measurement, p50Us, p99Us } from "./measurement.ts";

/** The goals of the tunnel, with the medians of this run. */
export function goals(run: Measurement): Goal[] {
  const atMost = (text: string, limit: number, measured: number | undefined, unit: string): Goal => {
    return { text, unit, limit, direction: "at most", measured };
  };
  const againstHttp2 = (cell: Cell, figure: Figure): number | undefined =>
    run.ratio(cell, { of: "tunnel", to: "http2" }, figure)?.median;
  const loopback: Cell = { road: "loopback", scenario: "beside" };
  const link: Cell = { road: "link", scenario: "beside" };
  const cpu = run.spread({ road: "loopback", scenario: "small" }, "tunnel", cpuUsEach)?.median;
  return [
    atMost("CPU of a 1 KB stream, both ends", 9, cpu, " µs"),
    atMost("p50 beside bulk, against HTTP/2's", 1, againstHttp2(loopback, p50Us), "×"),
    atMost("p99 beside bulk, against HTTP/2's", 1, againstHttp2(loopback, p99Us), "×"),
    atMost("p50 beside bulk over the link, against HTTP/2's", 1, againstHttp2(link, p50Us), "×"),
    atMost("p99 beside bulk over the link, against HTTP/2's", 1, againstHttp2(link, p99Us), "×"),
  ];
}
