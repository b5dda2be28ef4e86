export { agentLingerMs } from "./agent-linger.ts";
export { type Joined, joinRunningAgent, joinTarget } from "./join-target.ts";
export { type ConnectionChange, Session, type SessionEvents } from "./session.ts";
export type { JoinedAgent, SessionEnd } from "./session-end.ts";
