export { askAgent, askAgentOnce } from "./ask-agent.ts";
export { listSessions } from "./list-sessions.ts";
export { release } from "./release.ts";
export { setFilter } from "./set-filter.ts";
export { gatherEnvironment, type PodEnvironment, readEnvironment } from "./read-environment.ts";
export { readMetricsFamilies, readMetricsText } from "./read-metrics.ts";
export { tryFilter } from "./try-filter.ts";
export { whatWasDecided } from "./why.ts";
