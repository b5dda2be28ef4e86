import { type Json, metricsFamilies, metricsText } from "../../protocol/index.ts";
import type { ResolvedTarget } from "../target/index.ts";
import { askAgentOnce } from "./ask-agent.ts";

interface About {
  readonly target: ResolvedTarget;
  readonly name: string;
  readonly signal: AbortSignal;
}

/** What is measured of a target's agent, in Prometheus' text format. @throws ClientError as `askAgent` does */
export async function readMetricsText(about: About): Promise<string> {
  return metricsText(await askAgentOnce({ ...about, question: { kind: "metrics", form: "text" } }));
}

/** The same numbers as a list of families. @throws ClientError as `askAgent` does */
export async function readMetricsFamilies(about: About): Promise<Json> {
  return metricsFamilies(await askAgentOnce({ ...about, question: { kind: "metrics", form: "json" } }));
}
