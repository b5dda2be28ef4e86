export { AgentMetrics, type Health, type MeasuredSession, type MetricsSource } from "./agent-metrics.ts";
export { expositionOf } from "./exposition.ts";
export { type Family, jsonOf, type Labels } from "./family.ts";
export { HistogramWindow } from "./histogram.ts";
export { InboundCounts } from "./inbound-counts.ts";
