export { allRemembered, type AgentState, type FollowedAgent } from "./followed-agent.ts";
export { FollowedTarget } from "./followed-target.ts";
export { allFit, type Fit, SeenFilter } from "./seen-filter.ts";
export { isFinal, type ToldDecision } from "./told-decision.ts";
