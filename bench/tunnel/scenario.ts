import { setTimeout as delay } from "node:timers/promises";
import type { Asker } from "./way.ts";

const SMALL_BYTES = 1024;

/** How the load is shaped on one road. */
export interface Load {
  /** How long each scenario lasts. */
  readonly durationMs: number;
  /** Size of one bulk exchange; they follow each other without a pause. */
  readonly bulkBytes: number;
  /** How many ask side by side for small exchanges, each for one after the other, where latency is measured. */
  readonly probes: number;
}

/** What one scenario gave: times of each exchange in microseconds where they were asked one by one. */
export interface Outcome {
  readonly exchanges: number;
  readonly bytes: number;
  readonly elapsedMs: number;
  readonly p50Us: number;
  readonly p99Us: number;
}

const IN_FLIGHT = 64;

/** Exchanges of 1 KB, 64 at a time. */
async function small(asker: Asker, load: Load): Promise<Outcome> {
  return probe(asker, IN_FLIGHT, load.durationMs);
}

/** Bulk exchanges, one after the other. */
async function bulk(asker: Asker, load: Load): Promise<Outcome> {
  const startMs = performance.now();
  const { exchanges } = await askInLine(asker, load.bulkBytes, () => elapsed(startMs) < load.durationMs);
  return {
    exchanges,
    bytes: exchanges * load.bulkBytes,
    elapsedMs: elapsed(startMs),
    p50Us: Number.NaN,
    p99Us: Number.NaN,
  };
}

/** Exchanges of 1 KB, one after the other, and nothing else. */
async function alone(asker: Asker, load: Load): Promise<Outcome> {
  return probe(asker, load.probes, load.durationMs);
}

/** The same while bulk flows the same way. */
async function beside(asker: Asker, load: Load): Promise<Outcome> {
  const stop = new AbortController();
  const background = askInLine(asker, load.bulkBytes, () => !stop.signal.aborted);
  await delay(load.durationMs / 10); // Until the bulk stream flows as it will.
  const outcome = await probe(asker, load.probes, load.durationMs);
  stop.abort();
  await background;
  return outcome;
}

export const scenarios = { small, bulk, alone, beside };
export type ScenarioName = keyof typeof scenarios;

async function probe(asker: Asker, side: number, durationMs: number): Promise<Outcome> {
  const startMs = performance.now();
  const lines = await Promise.all(
    Array.from({ length: side }, async () =>
      askInLine(asker, SMALL_BYTES, () => elapsed(startMs) < durationMs),
    ),
  );
  const timesUs = Float64Array.from(lines.flatMap((line) => line.timesUs)).sort();
  return {
    exchanges: timesUs.length,
    bytes: timesUs.length * SMALL_BYTES,
    elapsedMs: elapsed(startMs),
    p50Us: at(timesUs, 0.5),
    p99Us: at(timesUs, 0.99),
  };
}

async function askInLine(asker: Asker, bytes: number, goesOn: () => boolean) {
  const timesUs: number[] = [];
  do {
    const startMs = performance.now();
    await asker.ask(bytes);
    timesUs.push(elapsed(startMs) * 1_000);
  } while (goesOn());
  return { exchanges: timesUs.length, timesUs };
}

function elapsed(startMs: number): number {
  return performance.now() - startMs;
}

function at(sorted: Float64Array, share: number): number {
  return sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
}
