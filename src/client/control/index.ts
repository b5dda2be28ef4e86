export { askAgent, askAgentOnce } from "./ask-agent.ts";
export { listSessions } from "./list-sessions.ts";
