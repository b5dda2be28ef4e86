import { Slices } from "../measure/slices.ts";
import type { Contender, ContenderName } from "./contenders.ts";
import type { LoadResult } from "./h2load.ts";

/** What every slice's load is: h2load's connections, and streams at a time on each. */
export const connections = 10;
export const streams = 32;

/** One kind of load. */
export interface Scenario {
  readonly title: string;
  /** Below the root, and below `/other/`. */
  readonly body: string;
  readonly bodyBytes: number;
  /** Of ten requests, so many are for the other server. */
  readonly othersOfTen: number;
}

const small = { body: "1k", bodyBytes: 1 << 10 };
const large = { body: "64k", bodyBytes: 64 << 10 };
export const scenarios: readonly Scenario[] = [
  { title: "1 KB, no request matches the filter", ...small, othersOfTen: 0 },
  { title: "64 KB, no request matches the filter", ...large, othersOfTen: 0 },
  { title: "1 KB, 10 % of the streams stolen", ...small, othersOfTen: 1 },
  { title: "64 KB, 10 % of the streams stolen", ...large, othersOfTen: 1 },
];

/** One contender under one load for some seconds. */
export interface Slice {
  readonly scenario: Scenario;
  readonly round: number;
  readonly contender: ContenderName;
  readonly load: LoadResult;
  /** Of the proxy's processes, for 1,000 requests. */
  readonly cpuMs: number | undefined;
  /** At the developer's, for 1,000 requests of all kinds. */
  readonly developerCpuMs: number | undefined;
  readonly rssMegabytes: number | undefined;
}

/** Runs one slice; `pathsFile` has the scenario's requests. */
export async function measure(
  contender: Contender,
  slice: { scenario: Scenario; pathsFile: string; round: number; seconds: number },
): Promise<Slice> {
  const { scenario, pathsFile, round, seconds } = slice;
  const before = contender.usage();
  const developerBefore = contender.developerUsage();
  const load = await contender.load({ pathsFile, connections, streams, seconds });
  const after = contender.usage();
  const developerAfter = contender.developerUsage();
  const forThousand = (from: { cpuMs: number } | undefined, to: { cpuMs: number } | undefined) =>
    from && to && load.requests > 0 ? ((to.cpuMs - from.cpuMs) / load.requests) * 1_000 : undefined;
  return {
    scenario,
    round,
    contender: contender.name,
    load,
    cpuMs: forThousand(before, after),
    developerCpuMs: scenario.othersOfTen > 0 ? forThousand(developerBefore, developerAfter) : undefined,
    rssMegabytes: after && after.rssBytes / (1 << 20),
  };
}

/** What is wrong with a slice; empty when nothing is. */
export function faults({ scenario, contender, load, cpuMs }: Slice): string[] {
  const found: string[] = [];
  if (load.failures > 0) found.push(`${contender} had ${load.failures} failures`);
  if (cpuMs === 0 || load.requests === 0) found.push(`${contender} did nothing`);
  // What ended in the middle is not among the requests, so there may be more.
  if (load.dataBytes < load.requests * scenario.bodyBytes) found.push(`${contender} cut bodies short`);
  return found;
}

/** A figure of a slice, undefined where it has none. */
export type Figure = (slice: Slice) => number | undefined;

export const requestsPerSecond: Figure = (slice) => slice.load.requestsPerSecond;
export const cpuMs: Figure = (slice) => slice.cpuMs;
export const developerCpuMs: Figure = (slice) => slice.developerCpuMs;
export const meanMilliseconds: Figure = (slice) => slice.load.meanMicroseconds / 1_000 || undefined;
export const rssMegabytes: Figure = (slice) => slice.rssMegabytes;

/** All slices of a run. */
export class Measurement extends Slices<Scenario, ContenderName, Slice> {}
