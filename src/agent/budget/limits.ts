/**
 * What the agent may do to bystanders at most. A busy machine is late by tens of milliseconds now and then, and holds no
 * more than 100 MB for an agent (test/netns/memory.long.ts): the defaults are far above that.
 */
export interface Limits {
  /** 99th percentile of the event loop's delay in a look. */
  readonly maxLoopDelayMs: number;
  /** 99th percentile of the time from a read to its bytes being handed on, in a look. */
  readonly maxAddedLatencyMs: number;
  readonly maxRssMb: number;
}

export const DEFAULT_LIMITS: Limits = {
  maxLoopDelayMs: 400,
  maxAddedLatencyMs: 250,
  maxRssMb: 1_024,
};
