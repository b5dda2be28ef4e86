import { Slices } from "../measure/slices.ts";
import type { Contender, ContenderName } from "./contenders.ts";
import type { LoadResult } from "./wrk.ts";

/** One kind of load. */
export interface Scenario {
  readonly title: string;
  readonly path: string;
  readonly bodyBytes: number;
  readonly connections: number;
}

export const smallBusy: Scenario = {
  title: "1 KB, 64 connections",
  path: "/1k",
  bodyBytes: 1 << 10,
  connections: 64,
};
export const middle: Scenario = {
  title: "64 KB, 64 connections",
  path: "/64k",
  bodyBytes: 64 << 10,
  connections: 64,
};
export const large: Scenario = {
  title: "1 MB, 16 connections",
  path: "/1m",
  bodyBytes: 1 << 20,
  connections: 16,
};
export const smallAlone: Scenario = {
  title: "1 KB, 1 connection",
  path: "/1k",
  bodyBytes: 1 << 10,
  connections: 1,
};
export const scenarios: readonly Scenario[] = [smallBusy, middle, large, smallAlone];

/** One contender under one load for some seconds. */
export interface Slice {
  readonly scenario: Scenario;
  readonly round: number;
  readonly contender: ContenderName;
  readonly load: LoadResult;
  /** Of the proxy's processes, for 1,000 requests. */
  readonly cpuMs: number | undefined;
  readonly rssMegabytes: number | undefined;
}

/** Runs one slice. */
export async function measure(
  contender: Contender,
  { scenario, round, seconds }: { scenario: Scenario; round: number; seconds: number },
): Promise<Slice> {
  const before = contender.usage();
  const load = await contender.load({ path: scenario.path, connections: scenario.connections, seconds });
  const after = contender.usage();
  const spent = before && after && after.cpuMs - before.cpuMs;
  return {
    scenario,
    round,
    contender: contender.name,
    load,
    cpuMs: spent === undefined || load.requests === 0 ? undefined : (spent / load.requests) * 1_000,
    rssMegabytes: after && after.rssBytes / (1 << 20),
  };
}

/** A figure of a slice, undefined where it has none. */
export type Figure = (slice: Slice) => number | undefined;

export const requestsPerSecond: Figure = (slice) => slice.load.requestsPerSecond;
export const cpuMs: Figure = (slice) => slice.cpuMs;
// Zero is what wrk says when it saw no answer at all.
export const p50Microseconds: Figure = (slice) => slice.load.p50Microseconds || undefined;
export const p99Microseconds: Figure = (slice) => slice.load.p99Microseconds || undefined;
export const rssMegabytes: Figure = (slice) => slice.rssMegabytes;

/** All slices of a run. */
export class Measurement extends Slices<Scenario, ContenderName, Slice> {}
